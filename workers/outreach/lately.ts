/**
 * What was decided to be sent here and counts for caps, for as long as the tables of the queue may not know it yet: for a minute after they
 * know what was recorded then, since a message may wait that long for a call before it is recorded as begun.
 */
import type { MessageId } from '../../domain/ids.js';
import type { Channel } from '../../domain/message/kinds.js';

export interface SentLately {
  readonly messageId: MessageId;
  readonly channel: Channel;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Lately {
  of(subject: string): readonly SentLately[];
  /** A message tried again on the same channel stays one. */
  add(subject: string, sent: SentLately): void;
}

const keptMs = 60_000;
const pruneEvery = 10_000;

/** @param knownUntil everything that was recorded by then is in the tables, milliseconds since the epoch; now, unless told */
export const createLately = (now: () => number, knownUntil = now): Lately => {
  const bySubject = new Map<string, SentLately[]>();
  let added = 0;
  const keptSince = (): number => Math.min(now(), knownUntil()) - keptMs;

  const prune = (): void => {
    const since = keptSince();
    for (const [subject, sent] of bySubject) {
      const kept = sent.filter(({ at }) => at > since);
      if (kept.length === 0) bySubject.delete(subject);
      else bySubject.set(subject, kept);
    }
  };

  return {
    of: (subject) => {
      const known = bySubject.get(subject);
      if (!known) return [];
      const since = keptSince();
      return known.filter(({ at }) => at > since);
    },
    add: (subject, sent) => {
      const isOther = (one: SentLately): boolean =>
        one.messageId !== sent.messageId || one.channel !== sent.channel;
      const known = bySubject.get(subject) ?? [];
      bySubject.set(subject, [...known.filter(isOther), sent]);
      added += 1;
      if (added % pruneEvery === 0) prune();
    },
  };
};
