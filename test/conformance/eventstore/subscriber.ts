/** What a subscription gave, in the order it gave it. */
export interface Received {
  readonly streamId: string;
  readonly revision: bigint;
  readonly type: string;
  readonly position: bigint;
  /** The number a counted event carries. */
  readonly n: number;
}

interface Subscription {
  on(name: 'data', listener: (resolved: { event?: unknown }) => void): unknown;
  on(name: 'error', listener: (error: Error) => void): unknown;
  on(name: 'caughtUp' | 'confirmation' | 'fellBehind' | 'end', listener: () => void): unknown;
}

/** Collects what a subscription gives; a signal is noted with the number of events that came before it. */
export const collect = (subscription: Subscription) => {
  const events: Received[] = [];
  const signals: string[] = [];
  const errors: Error[] = [];
  subscription.on('data', ({ event }) => {
    const { streamId, revision, type, position, data } = event as {
      streamId: string;
      revision: bigint;
      type: string;
      position: { commit: bigint };
      data: { n: number };
    };
    events.push({ streamId, revision, type, position: position.commit, n: data.n });
  });
  subscription.on('error', (error) => errors.push(error));
  for (const signal of ['confirmation', 'caughtUp', 'fellBehind', 'end'] as const) {
    subscription.on(signal, () => signals.push(`${signal}@${events.length}`));
  }
  const isConfirmed = () => signals.some((signal) => signal.startsWith('confirmation'));
  const hasCaughtUp = () => signals.some((signal) => signal.startsWith('caughtUp'));
  return { events, signals, errors, isConfirmed, hasCaughtUp };
};
