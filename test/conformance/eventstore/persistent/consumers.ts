/** Groups and consumers as the suites of persistent subscriptions need them: short settings, and what was delivered. */
import { randomUUID } from 'node:crypto';
import {
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  type PersistentSubscriptionToAllSettings,
  type PersistentSubscriptionToStreamSettings,
  START,
} from '@eventstore/db-client';
import { counted, type Node, until } from '../node.js';

export const newGroup = (): string => `group-${randomUUID()}`;

/** Settings of a group that begins at the start of its stream. */
export const fromStart = (
  changes: Partial<PersistentSubscriptionToStreamSettings> = {},
): PersistentSubscriptionToStreamSettings =>
  persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes });

export const allFromStart = (
  changes: Partial<PersistentSubscriptionToAllSettings> = {},
): PersistentSubscriptionToAllSettings =>
  persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START, ...changes });

type ToStream = ReturnType<Node['client']['subscribeToPersistentSubscriptionToStream']>;
type ToAll = ReturnType<Node['client']['subscribeToPersistentSubscriptionToAll']>;
export type Subscription = ToStream | ToAll;

interface Recorded {
  readonly id: string;
  readonly streamId: string;
  readonly revision: bigint;
  readonly type: string;
  readonly data: unknown;
}

/** What a persistent subscription gives; `n` is the number in the data of a counted event. */
export interface Delivered {
  readonly event?: Recorded;
  readonly link?: Recorded;
  readonly retryCount: number;
  readonly n: number;
}

export interface Following {
  readonly subscription: Subscription;
  /** In the order of arrival, repeats included. */
  readonly delivered: Delivered[];
  readonly errors: (Error & { type?: string; streamName?: string; groupName?: string })[];
  isConfirmed(): boolean;
  numbers(): number[];
  stop(): Promise<void>;
}

/** What a consumer does with a message; 'nothing' leaves it unanswered. */
export type Answer = 'ack' | 'park' | 'retry' | 'skip' | 'stop' | 'nothing';

/** Collects what a subscription delivers and answers each message as it comes. */
export const follow = (
  subscription: Subscription,
  answer: (delivered: Delivered) => Answer = () => 'ack',
): Following => {
  const delivered: Delivered[] = [];
  const errors: Following['errors'] = [];
  let confirmed = false;
  const emitter = subscription as ToStream;
  emitter.on('confirmation', () => {
    confirmed = true;
  });
  emitter.on('error', (error) => errors.push(error));
  emitter.on('data', (resolved) => {
    const { event, link, retryCount } = resolved as unknown as Omit<Delivered, 'n'>;
    const n = (event?.data as { n?: number } | undefined)?.n ?? -1;
    const one: Delivered = { ...(event && { event }), ...(link && { link }), retryCount, n };
    delivered.push(one);
    const action = answer(one);
    if (action === 'ack') void emitter.ack(resolved);
    else if (action !== 'nothing')
      void emitter.nack(action, `wanted by a test: ${action}`, resolved);
  });
  return {
    subscription,
    delivered,
    errors,
    isConfirmed: () => confirmed,
    numbers: () => delivered.map(({ n }) => n),
    stop: () => subscription.unsubscribe(),
  };
};

/** Acknowledges by hand what a consumer was given and left unanswered. */
export const ackAll = async ({ subscription, delivered }: Following): Promise<void> => {
  const events = delivered as unknown as Parameters<ToStream['ack']>;
  await (subscription as ToStream).ack(...events);
};

/** A stream of `count` counted events and a group on it. */
export const groupOn = async (
  node: Node,
  count: number,
  settings: Partial<PersistentSubscriptionToStreamSettings> = {},
  stream = `counter-${randomUUID()}`,
): Promise<{ stream: string; group: string }> => {
  const group = newGroup();
  if (count > 0) await appendCounted(node, stream, 0, count);
  await node.client.createPersistentSubscriptionToStream(stream, group, fromStart(settings));
  return { stream, group };
};

/** Appends events numbered from `from` up to before `to`. */
export const appendCounted = async (
  node: Node,
  stream: string,
  from: number,
  to: number,
): Promise<void> => {
  const events = Array.from({ length: to - from }, (_nothing, i) => counted(from + i));
  await node.client.appendToStream(stream, events);
};

/** Subscribes and waits until the server has confirmed it. */
export const consume = async (
  node: Node,
  { stream, group }: { stream: string; group: string },
  answer?: (delivered: Delivered) => Answer,
  bufferSize = 10,
): Promise<Following> => {
  const options = { bufferSize };
  const subscription =
    stream === '$all'
      ? node.client.subscribeToPersistentSubscriptionToAll(group, options)
      : node.client.subscribeToPersistentSubscriptionToStream(stream, group, options);
  const following = follow(subscription, answer);
  await until('the confirmation', () => following.isConfirmed() || following.errors.length > 0);
  return following;
};

/** Statistics of a group, once they satisfy the condition. */
export const statsOnce = async (
  node: Node,
  { stream, group }: { stream: string; group: string },
  condition: (
    stats: Awaited<ReturnType<Node['client']['getPersistentSubscriptionToStreamInfo']>>['stats'],
  ) => boolean,
) => {
  const deadline = Date.now() + 40_000;
  for (;;) {
    const { stats } = await node.client.getPersistentSubscriptionToStreamInfo(stream, group);
    if (condition(stats)) return stats;
    if (Date.now() > deadline)
      throw new Error(
        `statistics did not come true: ${JSON.stringify(stats, (_key, value: unknown) =>
          typeof value === 'bigint' ? String(value) : value,
        )}`,
      );
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** Waits long enough for what must not happen to have happened. */
export const aWhile = (ms = 300): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

export const upTo = (count: number): number[] => Array.from({ length: count }, (_nothing, n) => n);

export const parkedStreamOf = ({ stream, group }: { stream: string; group: string }): string =>
  `$persistentsubscription-${stream}::${group}-parked`;
