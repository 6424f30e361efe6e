/**
 * The hazards of the official client, each met for real against a node of our own making that answers when the test says so.
 * Without the guard, each of them ends the process or leaves the client deaf.
 */
import { binaryEvent, type EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { expect } from 'chai';
import type { GrpcCall } from '../../../embedded/eventstore/grpc/call.js';
import { frame } from '../../../embedded/eventstore/grpc/frames.js';
import { GrpcServer } from '../../../embedded/eventstore/grpc/server.js';
import { GrpcCode, GrpcFailure } from '../../../embedded/eventstore/grpc/status.js';
import { silentLogger } from '../../../embedded/eventstore/options.js';
import { serveSupportedMethods } from '../../../embedded/eventstore/services/clusterInfo.js';
import { decodeBatchAppend } from '../../../embedded/eventstore/wire/appendRequests.js';
import { bytesField, message, uintField } from '../../../embedded/eventstore/wire/fields.js';
import { connect, disconnect } from '../../../platform/eventstore/client.js';
import { isOutcomeUnknown } from '../../../platform/eventstore/failures.js';
import { createLogWatch } from '../../../platform/eventstore/watch.js';
import { until } from '../../conformance/eventstore/node.js';

const appendPath = '/event_store.client.streams.Streams/BatchAppend';
const featuresPath = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';

/** A node that takes appends and answers none until `answerAll`. */
const openNode = async () => {
  const held: (() => void)[] = [];
  const calls: GrpcCall[] = [];
  let featureFailures = 0;
  const features = serveSupportedMethods([{ path: appendPath, features: [] }]);
  const server = new GrpcServer(
    new Map([
      [
        featuresPath,
        (call) => {
          if (featureFailures === 0) return features(call);
          featureFailures -= 1;
          call.fail(new GrpcFailure(GrpcCode.internal, 'not today'));
        },
      ],
      [
        appendPath,
        (call) => {
          calls.push(call);
          call.onMessage = (bytes) => {
            const { correlation, isFinal } = decodeBatchAppend(bytes);
            const success = message(
              uintField(1, 5),
              bytesField(3, message(uintField(1, 9), uintField(2, 9))),
            );
            const answer = frame(message(bytesField(1, correlation), bytesField(3, success)));
            if (isFinal) held.push(() => call.write(answer));
          };
        },
      ],
    ]),
    silentLogger,
  );
  const port = await server.listen('127.0.0.1', 0);
  return {
    address: `esdb://127.0.0.1:${port}?tls=false`,
    held,
    calls,
    answerAll: () => held.splice(0).forEach((answer) => answer()),
    failFeatures: (times: number) => (featureFailures = times),
    stop: () => server.stop(100),
  };
};

const append = (client: EventStoreDBClient, n = 0) =>
  client.appendToStream('jar-1', jsonEvent({ type: 'Counted', data: { n } }));

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'stored',
    (error: unknown) => error,
  );

describe('the official client, guarded', function () {
  this.timeout(120_000);

  /** What would end a process: Node's own default for rejections and exceptions that nobody handles. */
  const deadly: unknown[] = [];
  const note = (reason: unknown) => void deadly.push(reason);
  before(() => process.on('unhandledRejection', note));
  after(() => process.off('unhandledRejection', note));
  afterEach(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(deadly).to.deep.equal([]);
  });

  it('outlives an answer to an append that another client of the process had given up', async () => {
    const node = await openNode();
    const watch = createLogWatch();
    const client = connect(node.address, watch);
    const other = connect(node.address);
    const mine = outcomeOf(append(client));
    const others = outcomeOf(append(other));
    await until('both appends', () => node.held.length === 2);
    await disconnect(other);
    expect(isOutcomeUnknown(await mine), 'its own append is in doubt').to.equal(true);
    expect(isOutcomeUnknown(await others)).to.equal(true);
    node.answerAll();
    await until('the answer nobody waits for', () => watch.stray === 1);
    const again = append(client);
    await until('the repeat', () => node.held.length === 1);
    node.answerAll();
    expect((await again).nextExpectedRevision).to.equal(5n);
    await disconnect(client);
    await node.stop();
  });

  it('settles every append of a burst when the node goes away while they are being sent', async () => {
    const node = await openNode();
    const client = connect(node.address);
    const first = outcomeOf(append(client));
    await until('the first', () => node.calls.length === 1);
    node.calls[0]!.pause();
    const data = Buffer.alloc(200_000, 'x');
    const burst = Array.from({ length: 200 }, () =>
      outcomeOf(client.appendToStream('jar-1', binaryEvent({ type: 'Filled', data }))),
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
    await node.stop();
    for (const outcome of await Promise.all([first, ...burst]))
      expect(isOutcomeUnknown(outcome)).to.equal(true);
    await disconnect(client);
  });

  it('asks for the features of a server again when it could not learn them', async () => {
    const node = await openNode();
    node.failFeatures(1);
    const client = connect(node.address);
    expect(isOutcomeUnknown(await outcomeOf(append(client)))).to.equal(true);
    const again = append(client);
    await until('the append', () => node.held.length === 1);
    node.answerAll();
    expect((await again).success).to.equal(true);
    await disconnect(client);
    await node.stop();
  });
});
