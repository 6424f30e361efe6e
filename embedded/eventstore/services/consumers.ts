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

type Subscribe = Extract<ConsumerMessage, { kind: 'subscribe' }>;

/** The stream that the first message of a consumer asks for, or `$all`. */
export const sourceRead = (bytes: Buffer): string => subscribeIn(decode(bytes)).source;

/** `username` is who the group's statistics say is consuming. */
export const serveConsumer = (call: GrpcCall, groups: PersistentGroups, username: string): void => {
  let runner: GroupRunner | undefined;
  call.onMessage = (bytes) => {
    const message = decode(bytes);
    if (runner) answer(runner, message);
    else runner = subscribe(call, groups, subscribeIn(message), username);
  };
  call.onHalfClose = () => call.finish();
};

const outOfPlace = (): GrpcFailure =>
  new GrpcFailure(GrpcCode.invalidArgument, 'the first message, and no other, must name a group');

const subscribeIn = (message: ConsumerMessage): Subscribe => {
  if (message.kind !== 'subscribe') throw outOfPlace();
  return message;
};

const answer = (runner: GroupRunner, message: ConsumerMessage): void => {
  if (message.kind === 'subscribe') throw outOfPlace();
  if (message.kind === 'ack') runner.ack(message.ids);
  else runner.nack(message.ids, message.action, message.reason);
};

const subscribe = (
  call: GrpcCall,
  groups: PersistentGroups,
  { source, group, bufferSize }: Subscribe,
  username: string,
): GroupRunner => {
  const runner = groups.find(source, group);
  const { extraStatistics } = runner.definition.settings;
  const subscriber: Subscriber = {
    consumer: new Consumer(Math.max(1, bufferSize), extraStatistics),
    from: call.peer,
    username,
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
