/** Streams/Read: one request that is either a read with an end or a subscription without. */
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import type { GrpcCall } from '../grpc/call.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import type { EventLog } from '../log/eventLog.js';
import { ALL_STREAM } from '../security/acl.js';
import type { LinkResolver } from '../read/links.js';
import { planRead } from '../read/plan.js';
import { serveRead } from '../read/read.js';
import { senderTo } from '../read/send.js';
import { serveSubscription } from '../read/subscription.js';

/** The stream that a request reads, or `$all`. */
export const streamRead = (bytes: Buffer): string =>
  planRead(streamsPb.ReadReq.deserializeBinary(bytes)).stream ?? ALL_STREAM;

export const serveReadOrSubscription = (
  call: GrpcCall,
  log: EventLog,
  links: LinkResolver,
): void => {
  call.onMessage = (bytes) => {
    const plan = planRead(streamsPb.ReadReq.deserializeBinary(bytes));
    const serve = plan.limit === undefined ? serveSubscription : serveRead;
    const send = senderTo(call, plan.resolveLinks ? links : undefined);
    serve(call, plan, log, send).catch((error: unknown) => {
      if (error instanceof GrpcFailure) return call.fail(error);
      call.fail(
        new GrpcFailure(
          GrpcCode.unavailable,
          `the log could not be read: ${(error as Error).message}`,
        ),
      );
    });
  };
};
