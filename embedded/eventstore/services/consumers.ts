/**
 * PersistentSubscriptions/Read: the connection of one consumer. Its group decides what is sent; this carries it, and
 * carries the consumer's answers back.
 */
import type { GrpcCall } from '../grpc/call.js';
import { GrpcCode, GrpcFailure } from '../grpc/status.js';
import { Consumer } from '../persistent/consumer.js';
import type { PersistentGroups } from '../persistent/groups.js';
import type { GroupRunner } from '../persistent/runner.js';
import type { Subscriber } from '../persistent/subscriber.js';
import { subscriptionConfirmation } from '../wire/groupAnswers.js';
import { type ConsumerMessage, decodeConsumerMessage } from '../wire/groupReads.js';
import { MalformedMessage } from '../wire/reader.js';

/** The stream that the first message of a consumer asks for, or `$all`. */
export const sourceRead = (bytes: Buffer): string => {
  const message = decode(bytes);
  if (message.kind === 'subscribe') return message.source;
  throw new GrpcFailure(GrpcCode.invalidArgument, 'the first message must name a group');
};

export const serveConsumer = (call: GrpcCall, groups: PersistentGroups): void => {
  let runner: GroupRunner | undefined;
  call.onMessage = (bytes) => {
    const message = decode(bytes);
    if (message.kind === 'subscribe') runner = subscribe(call, groups, message);
    else if (!runner)
      throw new GrpcFailure(GrpcCode.invalidArgument, 'the first message must name a group');
    else if (message.kind === 'ack') runner.ack(message.ids);
    else runner.nack(message.ids, message.action, message.reason);
  };
  call.onHalfClose = () => call.finish();
};

const subscribe = (
  call: GrpcCall,
  groups: PersistentGroups,
  { source, group, bufferSize }: Extract<ConsumerMessage, { kind: 'subscribe' }>,
): GroupRunner => {
  const runner = groups.find(source, group);
  const { extraStatistics } = runner.definition.settings;
  const subscriber: Subscriber = {
    consumer: new Consumer(Math.max(1, bufferSize), extraStatistics),
    from: call.peer,
    connectionName: String(call.headers['connection-name'] ?? '<unknown>'),
    send: (frames) => call.write(frames),
    drained: () => call.drained(),
    drop: (failure) => call.fail(failure),
  };
  groups.admit(runner);
  call.write(subscriptionConfirmation(runner.key));
  call.onEnd = () => runner.disconnect(subscriber);
  if (call.ended) return runner;
  runner.connect(subscriber);
  return runner;
};

const decode = (bytes: Buffer): ConsumerMessage => {
  try {
    return decodeConsumerMessage(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage)
      throw new GrpcFailure(GrpcCode.invalidArgument, error.message);
    throw error;
  }
};
