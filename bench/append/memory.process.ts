/**
 * A ceiling of appends: the node's own server and codec, with a log that forgets. It answers everything that came in one turn of the
 * event loop in the next, as the writer does with what gathered during a commit; what is missing is PostgreSQL and nothing else.
 */
import { GrpcServer } from '../../embedded/eventstore/grpc/server.js';
import type { WriteRequest } from '../../embedded/eventstore/log/append.js';
import type { EventLog } from '../../embedded/eventstore/log/eventLog.js';
import { serveBatchAppend } from '../../embedded/eventstore/services/batchAppend.js';
import { serveSupportedMethods } from '../../embedded/eventstore/services/clusterInfo.js';
import { answerParent } from '../child.js';

const streams = '/event_store.client.streams.Streams';
const features = '/event_store.client.server_features.ServerFeatures/GetSupportedMethods';

const forgetfulLog = (): EventLog => {
  const revisions = new Map<string, number>();
  let position = 0;
  let waiting: WriteRequest[] = [];
  const answerAll = (): void => {
    const requests = waiting;
    waiting = [];
    for (const request of requests) {
      const { stream, events } = request;
      const revision = (revisions.get(stream) ?? -1) + events.length;
      revisions.set(stream, revision);
      position += events.length;
      request.answer({ kind: 'stored', revision, position });
    }
  };
  const submit = (request: WriteRequest): void => {
    if (waiting.length === 0) setImmediate(answerAll);
    waiting.push(request);
  };
  // All that appends ask of a log.
  return { submit, isFull: false } as unknown as EventLog;
};

const quiet = () => undefined;
const logger = { debug: quiet, info: quiet, warn: console.warn, error: console.error };
let close = async (): Promise<void> => {};

const start = async (): Promise<string> => {
  const log = forgetfulLog();
  const supported = [{ path: `${streams}/BatchAppend`, features: [] }];
  const server = new GrpcServer(
    new Map([
      [`${streams}/BatchAppend`, (call) => serveBatchAppend(call, log)],
      [features, serveSupportedMethods(supported)],
    ]),
    logger,
  );
  const port = await server.listen('127.0.0.1', 0);
  close = () => server.stop(500);
  return `esdb://127.0.0.1:${port}?tls=false`;
};

answerParent(start, () => close());
