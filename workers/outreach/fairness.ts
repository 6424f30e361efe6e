/**
 * Whose turn it is. One-time passwords stand outside of this: they go at once. The other classes share by weight and none starves; within a
 * class tenants share alike, however much each of them has waiting. By virtual time (start-time fair queueing): who was served least for its
 * weight is next, and who had nothing to send begins where the others are, with no claim to what it did not use.
 */
import type { MessageClass } from '../../domain/message/kinds.js';

export type SharedClass = Exclude<MessageClass, 'otp'>;

export const classWeights: Readonly<Record<SharedClass, number>> = {
  transactional: 8,
  service: 4,
  marketing: 1,
};

export interface Contender {
  readonly class: MessageClass;
  readonly tenant: string;
}

export interface Fairness {
  /** One of them; undefined where there is none. One-time passwords, should there be any, take turns among themselves. */
  next<One extends Contender>(contenders: readonly One[]): One | undefined;
  /** So many messages of it were taken. */
  charge(contender: Contender, messages: number): void;
}

interface Clock {
  timeOf(name: string): number;
  serve(name: string, cost: number): void;
}

/** The times of those served longest ago are forgotten beyond this: they begin where the others are. */
const namesMax = 10_000;

const createClock = (): Clock => {
  const ends = new Map<string, number>();
  /** Where whoever was served last began: nobody begins before it. */
  let virtual = 0;
  const timeOf = (name: string): number => Math.max(ends.get(name) ?? 0, virtual);
  return {
    timeOf,
    serve: (name, cost) => {
      virtual = timeOf(name);
      ends.delete(name);
      ends.set(name, virtual + cost);
      if (ends.size > namesMax) ends.delete(ends.keys().next().value as string);
    },
  };
};

export const createFairness = (): Fairness => {
  const classes = createClock();
  const tenants = new Map<MessageClass, Clock>();
  const clockOf = (of: MessageClass): Clock => {
    let clock = tenants.get(of);
    if (!clock) tenants.set(of, (clock = createClock()));
    return clock;
  };
  const timeOf = (one: Contender): readonly [number, number] => [
    classes.timeOf(one.class),
    clockOf(one.class).timeOf(one.tenant),
  ];
  return {
    next: (contenders) => {
      let best = contenders[0];
      if (!best || contenders.length === 1) return best;
      let [ofClass, ofTenant] = timeOf(best);
      for (const one of contenders) {
        const [mine, own] = timeOf(one);
        const isSooner = one.class === best.class ? own < ofTenant : mine < ofClass;
        if (isSooner) [best, ofClass, ofTenant] = [one, mine, own];
      }
      return best;
    },
    charge: ({ class: of, tenant }, messages) => {
      if (of !== 'otp') classes.serve(of, messages / classWeights[of]);
      clockOf(of).serve(tenant, messages);
    },
  };
};
