/**
 * What an event of a journal says of each message it is about, one by one: events carry many messages for the log's sake, decisions are
 * made for one.
 */
import { unreachable } from '../event.js';
import type { Fact } from '../fact.js';
import type { MessageId } from '../ids.js';
import { type OutboxEvent, outboxEvents } from './events.js';

type DataOf<Name extends OutboxEvent['type']> = Extract<OutboxEvent, { type: Name }>['data'];
type ItemOf<List extends readonly unknown[]> = List[number];

export type AttemptStarted = ItemOf<DataOf<'AttemptsStarted'>['attempts']>;
export type AttemptAnswered = ItemOf<DataOf<'AttemptsAnswered'>['answers']>;
export type ReceiptRecorded = ItemOf<DataOf<'ReceiptsRecorded'>['receipts']>;
export type EngagementRecorded = ItemOf<DataOf<'EngagementsRecorded'>['engagements']>;
type ItemsOf<Name extends OutboxEvent['type']> =
  DataOf<Name> extends { items: infer Items extends readonly unknown[] } ? ItemOf<Items> : never;

interface Recorded {
  /** When it was recorded, milliseconds since the epoch. */
  readonly at: number;
  readonly position: bigint;
}

export type Change = Recorded &
  (
    | { readonly type: 'AttemptsStarted'; readonly item: AttemptStarted }
    | { readonly type: 'AttemptsAnswered'; readonly item: AttemptAnswered }
    | { readonly type: 'ReceiptsRecorded'; readonly item: ReceiptRecorded }
    | { readonly type: 'EngagementsRecorded'; readonly item: EngagementRecorded }
    | { readonly type: 'MessagesHeld'; readonly item: ItemsOf<'MessagesHeld'> }
    | { readonly type: 'MessagesAdvanced'; readonly item: ItemsOf<'MessagesAdvanced'> }
    | { readonly type: 'MessagesEnded'; readonly item: ItemsOf<'MessagesEnded'> }
    | { readonly type: 'MessagesCancelled'; readonly item: ItemsOf<'MessagesCancelled'> }
    | { readonly type: 'MessagesRescheduled'; readonly item: ItemsOf<'MessagesRescheduled'> }
    | {
        readonly type: 'MessagesDigested';
        /** Of those that became one: `into`. Of that one: the others. */
        readonly item: {
          readonly messageId: MessageId;
          readonly into: MessageId;
          readonly others: readonly MessageId[];
        };
      }
  );

export interface MessageChange {
  readonly messageId: MessageId;
  readonly change: Change;
}

const names: ReadonlySet<string> = new Set(outboxEvents.map(({ type }) => type));

const digested = ({ into, messageIds }: DataOf<'MessagesDigested'>) => {
  const others = messageIds.filter((id) => id !== into);
  const gone = others.map((messageId) => ({ messageId, into, others: [] }));
  return [{ messageId: into, into, others }, ...gone];
};

const tagged = (event: OutboxEvent, recorded: Recorded): Change[] => {
  const { type } = event;
  switch (type) {
    case 'AttemptsStarted':
      return event.data.attempts.map((item) => ({ type, item, ...recorded }));
    case 'AttemptsAnswered':
      return event.data.answers.map((item) => ({ type, item, ...recorded }));
    case 'ReceiptsRecorded':
      return event.data.receipts.map((item) => ({ type, item, ...recorded }));
    case 'EngagementsRecorded':
      return event.data.engagements.map((item) => ({ type, item, ...recorded }));
    case 'MessagesHeld':
      return event.data.items.map((item) => ({ type, item, ...recorded }));
    case 'MessagesAdvanced':
      return event.data.items.map((item) => ({ type, item, ...recorded }));
    case 'MessagesEnded':
      return event.data.items.map((item) => ({ type, item, ...recorded }));
    case 'MessagesCancelled':
      return event.data.items.map((item) => ({ type, item, ...recorded }));
    case 'MessagesRescheduled':
      return event.data.items.map((item) => ({ type, item, ...recorded }));
    case 'MessagesDigested':
      return digested(event.data).map((item) => ({ type, item, ...recorded }));
    default:
      return unreachable(event);
  }
};

/** In the event's order; none of an event that is not a journal's. */
export const changesOf = (
  fact: Pick<Fact, 'type' | 'data' | 'recordedAt' | 'position'>,
): readonly MessageChange[] => {
  if (!names.has(fact.type)) return [];
  const event = { type: fact.type, data: fact.data } as OutboxEvent;
  const changes = tagged(event, { at: fact.recordedAt, position: fact.position });
  return changes.map((change) => ({ messageId: change.item.messageId, change }));
};
