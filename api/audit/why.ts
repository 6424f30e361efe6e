/**
 * Why a purchase came out as it did: every fact about it, in order, with the reasons that were recorded then, in sentences.
 *
 * Read from the log itself and not from a read model: an auditor asks the source. Pure but for the reading.
 */
import { Type, type Static } from '@sinclair/typebox';
import type { AccountEvent, Reason } from '../../domain/account/events.js';
import { explain } from '../../domain/account/explain.js';
import type { Fact } from '../../domain/fact.js';
import type { SalesEvent } from '../../domain/sales/events.js';
import { Instant, PositionText } from '../wire.js';
import { refused } from '../refused.js';
import { ActorShown } from './eventShown.js';
import type { History } from './history.js';

export const ExplainedReason = Type.Object({
  code: Type.String(),
  sentence: Type.String(),
  figures: Type.Record(Type.String(), Type.Unknown()),
});

export const Step = Type.Object(
  {
    position: PositionText,
    revision: Type.Integer(),
    type: Type.String(),
    occurredAt: Instant,
    recordedAt: Instant,
    actor: ActorShown,
    correlationId: Type.String(),
    reasons: Type.Array(ExplainedReason),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'Step' },
);

export const Why = Type.Object(
  {
    purchaseId: Type.String(),
    stream: Type.String(),
    merchantId: Type.Integer(),
    status: Type.Union([
      Type.Literal('confirmed'),
      Type.Literal('partlyReturned'),
      Type.Literal('returned'),
      Type.Literal('cancelled'),
    ]),
    currency: Type.String(),
    total: Type.Integer({ description: 'Minor units' }),
    steps: Type.Array(Step, { description: 'In the order of the log' }),
  },
  { title: 'Why' },
);
export type Why = Static<typeof Why>;

type PurchaseEvent = Extract<AccountEvent | SalesEvent, { data: { purchaseId: unknown } }>;

const pageSize = 500;
/** Some 20 years of daily shopping; beyond it, the caller is told to read the stream. */
const factsMax = 50_000;

/** Those of a stream that are wanted, in order. @throws Refused history-too-long */
export const factsIn = async (
  history: History,
  stream: string,
  wanted: (fact: Fact) => boolean,
): Promise<Fact[]> => {
  const facts: Fact[] = [];
  let from: number | null = 0;
  for (let read = 0; from !== null; read += pageSize) {
    if (read >= factsMax) {
      const detail = 'Read the stream itself, page by page: GET /audit/v1/streams/{stream}.';
      throw refused('history-too-long', detail, { stream, factsMax });
    }
    const page = await history.stream(stream, { direction: 'forwards', from, limit: pageSize });
    facts.push(...page.facts.filter(wanted));
    from = page.next;
  }
  return facts;
};

/** Null where the stream holds no such purchase. @throws Refused history-too-long */
export const whyOf = async (
  history: History,
  stream: string,
  purchaseId: string,
): Promise<Why | null> => {
  const facts = await factsIn(history, stream, (fact) => purchaseOf(fact) === purchaseId);
  return assemble(stream, purchaseId, facts);
};

const purchaseOf = (fact: Fact): unknown => (fact.data as { purchaseId?: unknown }).purchaseId;

const assemble = (stream: string, purchaseId: string, facts: readonly Fact[]): Why | null => {
  const [confirmed] = facts.map(eventOf).flatMap(receiptOf);
  if (!confirmed) return null;
  const { currency, total, merchantId } = confirmed;
  const steps = facts.map((fact) => stepOf(fact, currency));
  return { purchaseId, stream, merchantId, status: statusOf(facts), currency, total, steps };
};

const receiptOf = (event: PurchaseEvent) =>
  event.type === 'PurchaseConfirmed' || event.type === 'AnonymousPurchaseConfirmed'
    ? [event.data]
    : [];

const eventOf = ({ type, data }: Fact): PurchaseEvent => ({ type, data }) as PurchaseEvent;

const statusOf = (facts: readonly Fact[]): Why['status'] => {
  const events = facts.map(eventOf);
  if (events.some(({ type }) => type.endsWith('PurchaseCancelled'))) return 'cancelled';
  const returns = events.filter(({ data }) => 'complete' in data);
  if (returns.length === 0) return 'confirmed';
  return returns.some(({ data }) => 'complete' in data && data.complete)
    ? 'returned'
    : 'partlyReturned';
};

export const stepOf = (fact: Fact, currency: string): Static<typeof Step> => {
  const { why, ...data } = fact.data as { why?: readonly Reason[] } & Record<string, unknown>;
  return {
    position: String(fact.position),
    revision: fact.revision,
    type: fact.type,
    occurredAt: fact.metadata.occurredAt,
    recordedAt: new Date(fact.recordedAt).toISOString(),
    actor: fact.metadata.actor,
    correlationId: fact.metadata.correlationId,
    reasons: (why ?? []).map((reason) => ({ ...reason, sentence: explain(reason, currency) })),
    data,
  };
};
