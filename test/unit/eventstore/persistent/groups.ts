/** Groups with short settings and messages that are nothing but their places, for the tests of the state machine. */
import type { GroupSettings } from '../../../../embedded/eventstore/persistent/definition.js';
import { Consumer } from '../../../../embedded/eventstore/persistent/consumer.js';
import { type Delivery, Group } from '../../../../embedded/eventstore/persistent/group.js';

export const settingsWith = (changes: Partial<GroupSettings> = {}): GroupSettings => ({
  resolveLinks: false,
  extraStatistics: false,
  messageTimeoutMs: 1000,
  maxRetryCount: 3,
  checkpointAfterMs: 100,
  minCheckpointCount: 1,
  maxCheckpointCount: 10,
  maxSubscriberCount: 0,
  liveBufferSize: 20,
  readBatchSize: 5,
  historyBufferSize: 20,
  strategy: 'RoundRobin',
  ...changes,
});

/** A group that begins before event 0. */
export const newGroup = (changes: Partial<GroupSettings> = {}): Group =>
  new Group(settingsWith(changes), -1, undefined);

const BODY = Buffer.alloc(10);

/** The event at a place, in one of as many streams as given. */
export const eventAt = (place: number, streams = 1) => ({
  id: `event ${place}`,
  place,
  body: BODY,
  stream: `stream-${place % streams}`,
  revision: place,
});

export const offerUpTo = (group: Group, from: number, to: number, streams = 1): void => {
  for (let place = from; place < to; place++) group.offer(eventAt(place, streams));
};

export const joined = (group: Group, bufferSize = 10): Consumer => {
  const consumer = new Consumer(bufferSize, false);
  group.join(consumer);
  return consumer;
};

export const placesOf = (deliveries: readonly Delivery[]): number[] =>
  deliveries.map(({ message }) => message.place);

export const idOf = (place: number): string => `event ${place}`;
