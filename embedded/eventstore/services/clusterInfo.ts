/**
 * What a client asks before it works: which methods there are (what is not listed it does over HTTP or not at all),
 * and which node leads. This node is a cluster of one.
 */
import { randomUUID } from 'node:crypto';
import type { GrpcCall } from '../grpc/call.js';
import { bytesField, message, stringField, uintField } from '../wire/fields.js';

/** The version whose protocol this node follows. */
const SERVER_VERSION = '23.10.0';

/** An advertised method: `/service/method`, and the features it has beyond the plain one. */
export interface SupportedMethod {
  readonly path: string;
  readonly features: readonly string[];
}

export const serveSupportedMethods = (methods: readonly SupportedMethod[]) => {
  const answer = message(
    ...methods.map(({ path, features }) => {
      const [, service, method] = path.toLowerCase().split('/');
      return bytesField(
        1,
        message(
          stringField(1, method!),
          stringField(2, service!),
          ...features.map((feature) => stringField(3, feature)),
        ),
      );
    }),
    stringField(2, SERVER_VERSION),
  );
  return (call: GrpcCall): void => {
    call.onMessage = () => call.finish(answer);
  };
};

const LEADER = 8;
const INSTANCE_ID = bytesField(1, message(stringField(2, randomUUID())));

export const serveGossip =
  (address: () => { host: string; port: number }) =>
  (call: GrpcCall): void => {
    call.onMessage = () => {
      const { host, port } = address();
      const member = message(
        INSTANCE_ID,
        uintField(2, Date.now() * 10_000), // .NET ticks
        uintField(3, LEADER),
        uintField(4, 1), // alive
        bytesField(5, message(stringField(1, host), uintField(2, port))),
      );
      call.finish(message(bytesField(1, member)));
    };
  };
