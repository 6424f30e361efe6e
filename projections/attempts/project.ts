/** Attempts as documents: what is searched by, and beside it, as text, the attempt as it was recorded. */
import { inFull } from '../../domain/delivery/attempts.js';
import type { Attempt, DeliveriesAttempted } from '../../domain/delivery/events.js';
import type { EventOf } from '../../domain/event.js';
import type { Fact } from '../../domain/fact.js';
import type { StoredDocument } from '../documents/documentProjection.js';
import { wordsOf } from '../documents/words.js';
import { ownerOf, typed } from '../facts.js';

type Attempted = EventOf<typeof DeliveriesAttempted>;

/** Different words of an error and an answer. */
const wordsMax = 100;
/** More attempts are in no event. */
export const perEventMax = 10_000;

const textsOf = ({ error, response }: Attempt): string[] => {
  const readable = response?.encoding === undefined ? (response?.body ?? '') : '';
  return [error?.code ?? '', error?.text ?? '', readable];
};

const documentOf = (fact: Fact, attempt: Attempt, index: number): StoredDocument => {
  const { tenant } = fact.metadata;
  const subscriptionId = ownerOf(fact);
  const { webhookId, places, ids, cause, job, startedAt, ms, outcome, status, error } = attempt;
  return {
    _id: `${tenant}/${subscriptionId}/${fact.revision}/${index}`,
    position: fact.position,
    tenant,
    subscriptionId,
    // In the order in which they were recorded.
    number: fact.revision * perEventMax + index,
    webhookId,
    places,
    eventIds: ids,
    cause,
    ...(job === undefined ? {} : { job }),
    startedAt: new Date(startedAt),
    ms,
    outcome,
    ...(status === undefined ? {} : { status }),
    ...(error === undefined ? {} : { error: error.code }),
    words: wordsOf(textsOf(attempt), wordsMax),
    recorded: JSON.stringify(attempt),
  };
};

export const countOf = (fact: Fact): number => typed<Attempted>(fact).data.attempts.length;

export const project = (facts: readonly Fact[]): StoredDocument[] =>
  facts.flatMap((fact) =>
    inFull(typed<Attempted>(fact).data.attempts).map((attempt, index) =>
      documentOf(fact, attempt, index),
    ),
  );
