/** What was decided to be sent within the last minute and counts for caps: the tables of the queue may not know it yet. */
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

export const createLately = (now: () => number): Lately => {
  const bySubject = new Map<string, SentLately[]>();
  let added = 0;

  const prune = (): void => {
    const since = now() - keptMs;
    for (const [subject, sent] of bySubject) {
      const kept = sent.filter(({ at }) => at > since);
      if (kept.length === 0) bySubject.delete(subject);
      else bySubject.set(subject, kept);
    }
  };

  return {
    of: (subject) => {
      const since = now() - keptMs;
      return (bySubject.get(subject) ?? []).filter(({ at }) => at > since);
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
