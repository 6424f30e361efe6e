/**
 * What one append to a lane's journal says: what many messages began and came to, gathered into as few events as there are kinds. Decisions
 * that are alike are told once in an event, and attempts point to them.
 */
import type { EventOf } from '../../domain/event.js';
import type { AttemptsStarted, OutboxEvent, RoutingDecision } from '../../domain/message/events.js';
import type { DataOf, Said } from './said.js';

export type Start = EventOf<typeof AttemptsStarted>['data']['attempts'][number];

/** An attempt on its way into the journal. */
export interface Begin {
  readonly start: Omit<Start, 'decision'>;
  readonly decision: RoutingDecision;
  /** Asked with everything known that is in the journal; false: it is not begun. */
  readonly stillHolds: () => boolean;
}

/** In the order in which they are about one message: what became of attempts, then what follows from it, then what begins. */
export const eventsOf = (said: readonly Said[], begins: readonly Begin[]): OutboxEvent[] => {
  const events: OutboxEvent[] = [];
  const answers = joined(said.map((one) => one.answers));
  const receipts = joined(said.map((one) => one.receipts));
  const engagements = joined(said.map((one) => one.engagements));
  const held = joined(said.map((one) => one.held));
  const advanced = joined(said.map((one) => one.advanced));
  const ended = joined(said.map((one) => one.ended));
  if (answers.length > 0) events.push({ type: 'AttemptsAnswered', data: { answers } });
  if (receipts.length > 0) events.push({ type: 'ReceiptsRecorded', data: { receipts } });
  if (engagements.length > 0) events.push({ type: 'EngagementsRecorded', data: { engagements } });
  for (const data of joined(said.map((one) => one.digests))) {
    events.push({ type: 'MessagesDigested', data });
  }
  if (held.length > 0) events.push({ type: 'MessagesHeld', data: { items: held } });
  if (advanced.length > 0) events.push({ type: 'MessagesAdvanced', data: { items: advanced } });
  if (ended.length > 0) events.push({ type: 'MessagesEnded', data: { items: ended } });
  if (begins.length > 0) events.push({ type: 'AttemptsStarted', data: startedOf(begins) });
  return events;
};

const joined = <Item>(lists: readonly (readonly Item[] | undefined)[]): Item[] =>
  lists.flatMap((list) => list ?? []);

const startedOf = (begins: readonly Begin[]): DataOf<'AttemptsStarted'> => {
  const decisions: RoutingDecision[] = [];
  const places = new Map<string, number>();
  const attempts = begins.map(({ start, decision }) => {
    const words = JSON.stringify(decision);
    let place = places.get(words);
    if (place === undefined) {
      places.set(words, (place = decisions.length));
      decisions.push(decision);
    }
    return { decision: place, ...start };
  });
  return { decisions, attempts };
};
