/** Attempts as documents: what is searched by, and beside it, as text, the attempt with all that was said of it. */
import type { EventOf } from '../../domain/event.js';
import type { Fact } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';
import type { AttemptsStarted, RoutingDecision } from '../../domain/message/events.js';
import { type Change, changesOf as itemsOf } from '../../domain/message/message.js';
import type { DocumentChange, DocumentFields } from '../documents/documentProjection.js';
import { wordsOf } from '../documents/words.js';
import { typed } from '../facts.js';
import {
  answered,
  type Attempt,
  begun,
  engaged,
  received,
  statusOf,
  strongest,
} from './attempt.js';

export const eventTypes = [
  'AttemptsStarted',
  'AttemptsAnswered',
  'ReceiptsRecorded',
  'EngagementsRecorded',
] as const;

/** Different words of codes, texts and the response. */
const wordsMax = 80;

const textsOf = ({ answer, receipts, providerId }: Attempt): string[] =>
  [
    providerId,
    ...[
      answer?.errorClass,
      answer?.code,
      answer?.text,
      answer?.providerReference,
      answer?.response,
    ],
    ...receipts.flatMap(({ errorClass, code, text }) => [errorClass, code, text]),
  ].filter((text) => text !== undefined);

const documentOf = (tenant: TenantId, attempt: Attempt): DocumentFields => {
  const {
    messageId,
    attempt: number,
    step,
    channel,
    providerId,
    startedAt,
    answer,
    cost,
  } = attempt;
  const receipt = strongest(attempt);
  const code = receipt?.code ?? answer?.code;
  const errorClass = receipt?.errorClass ?? answer?.errorClass;
  return {
    _id: `${tenant}/${messageId}/${number}`,
    tenant,
    messageId,
    attempt: number,
    step,
    channel,
    providerId,
    startedAt: new Date(startedAt),
    day: new Date(startedAt).toISOString().slice(0, 10),
    status: statusOf(attempt),
    ...(answer ? { ms: answer.ms } : {}),
    ...(errorClass === undefined ? {} : { errorClass }),
    ...(code === undefined ? {} : { code }),
    segments: attempt.segments ?? 0,
    costMicros: cost?.micros ?? 0,
    currency: cost?.currency ?? null,
    words: wordsOf(textsOf(attempt), wordsMax),
    recorded: JSON.stringify(attempt),
  };
};

export const attemptOf = (document: { readonly [field: string]: unknown }): Attempt =>
  JSON.parse(String(document['recorded'])) as Attempt;

const changed = (attempt: Attempt, change: Change): Attempt => {
  if (change.type === 'AttemptsAnswered') return answered(attempt, change.item);
  if (change.type === 'ReceiptsRecorded') return received(attempt, change.item);
  if (change.type === 'EngagementsRecorded') return engaged(attempt, change.item);
  return attempt;
};

const decisionsOf = (fact: Fact): readonly RoutingDecision[] =>
  fact.type === 'AttemptsStarted'
    ? typed<EventOf<typeof AttemptsStarted>>(fact).data.decisions
    : [];

export const changesOf = (fact: Fact): readonly DocumentChange[] => {
  const { tenant } = fact.metadata;
  const decisions = decisionsOf(fact);
  return itemsOf(fact).flatMap(({ messageId, change }): readonly DocumentChange[] => {
    if (!('attempt' in change.item)) return [];
    const id = `${tenant}/${messageId}/${change.item.attempt}`;
    if (change.type === 'AttemptsStarted') {
      const made = begun(change.item, decisions, change.at);
      return [{ id, apply: (earlier) => earlier ?? documentOf(tenant, made) }];
    }
    const apply = (earlier: DocumentFields | undefined) =>
      earlier && documentOf(tenant, changed(attemptOf(earlier), change));
    return [{ id, apply }];
  });
};
