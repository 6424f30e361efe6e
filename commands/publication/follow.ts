/**
 * Follows a topic for one partner: every place from the one it knows on, each either shown or passed over with the reason, so that
 * what follows has no gap but one that is told. Whether the partner may still see the topic is asked again at every turn.
 *
 * A turn hands out no more than some 128 KB (or one publication), and nothing is read ahead for whoever does not ask: a slow reader
 * costs a piece of memory and no more.
 */
import type { Fact } from '../../domain/fact.js';
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import { attributesOf } from '../../domain/publication/attributes.js';
import {
  handledOf,
  publicationsStream,
  type Published,
} from '../../domain/publication/publication.js';
import { type EventFilter, wants } from '../../domain/subscription/filter.js';
import type { Directory } from '../directory.js';
import { isVisible, type PulledItem } from './pull.js';
import type { Reveal } from './reveal.js';
import { seenTopic } from './seenTopic.js';
import { weightOf } from './topicPages.js';
import type { TopicReadings } from './topicReadings.js';

/** gone: the log does not keep it any more. */
export type PassedReason = 'hidden' | 'filtered' | 'expired' | 'gone';

export type FollowedStep =
  | ({ readonly kind: 'shown'; readonly fact: Fact } & PulledItem)
  | {
      readonly kind: 'passed';
      readonly first: number;
      readonly last: number;
      readonly reason: PassedReason;
    };

export interface FollowQuestion {
  readonly topicId: TopicId;
  readonly partnerId: PartnerId;
  /** The place of the last that is known; null: from the beginning. */
  readonly after: number | null;
  readonly filter: EventFilter | null;
}

/**
 * In the order of places; an empty turn where nothing came for `turnMs`. Ends when the signal aborts.
 * @throws Rejected topic-not-found where access ended, and what the log throws.
 */
export type Follow = (
  question: FollowQuestion,
  tenant: TenantId,
  turnMs: number,
  signal: AbortSignal,
) => AsyncGenerator<readonly FollowedStep[], void>;

const turnBytesMax = 128_000;

export const createFollow = (options: {
  readonly readings: TopicReadings;
  readonly directory: Directory;
  readonly reveal: Reveal;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): Follow => {
  const { readings, directory, reveal, now } = options;

  const stepOf = async (
    { topicId, partnerId, filter }: FollowQuestion,
    tenant: TenantId,
    fact: Fact,
  ): Promise<FollowedStep> => {
    const place = fact.revision;
    const passed = (reason: PassedReason) =>
      ({ kind: 'passed', first: place, last: place, reason }) as const;
    const { topic, grant } = seenTopic(directory, tenant, topicId, partnerId);
    if (!isVisible(grant, fact)) return passed('hidden');
    const revealed = await reveal(tenant, topicId, fact, now());
    if (revealed.kind === 'expired') return passed('expired');
    const { publication } = revealed;
    if (filter && !wants(filter, attributesOf(publication))) return passed('filtered');
    const handling = handledOf(fact.data as Published, topic.classification);
    return { kind: 'shown', fact, place, publishedAt: fact.recordedAt, publication, handling };
  };

  return async function* follow(question, tenant, turnMs, signal) {
    const { topicId, partnerId } = question;
    const reading = readings.open(publicationsStream(tenant, topicId));
    let from = question.after === null ? 0 : question.after + 1;
    try {
      while (!signal.aborted) {
        seenTopic(directory, tenant, topicId, partnerId);
        const facts = turnOf(await reading.read(from, turnMs, signal));
        const steps: FollowedStep[] = [];
        for (const fact of facts) {
          const { revision: place } = fact;
          if (place > from) {
            add(steps, { kind: 'passed', first: from, last: place - 1, reason: 'gone' });
          }
          add(steps, await stepOf(question, tenant, fact));
          from = place + 1;
        }
        yield steps;
      }
    } finally {
      reading.close();
    }
  };
};

/** As many as one turn may hold, at least one. */
const turnOf = (facts: readonly Fact[]): readonly Fact[] => {
  let bytes = 0;
  const end = facts.findIndex((fact) => (bytes += weightOf(fact)) > turnBytesMax);
  return end < 0 ? facts : facts.slice(0, Math.max(1, end));
};

/** Neighbours that are passed over for the same reason are told as one. */
const add = (steps: FollowedStep[], step: FollowedStep): void => {
  const before = steps.at(-1);
  const isMore =
    before?.kind === 'passed' && step.kind === 'passed' && before.reason === step.reason;
  if (isMore) steps[steps.length - 1] = { ...before, last: step.last };
  else steps.push(step);
};
