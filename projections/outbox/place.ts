/**
 * Where a message stands in the queue, by the facts alone: ready to be sent since a place in the log, due at a time, or nowhere. Told
 * anew after each change as of the moment at which it was recorded, so that the place does not depend on how facts came in batches.
 */
import type { Position } from '../../domain/fact.js';
import {
  accepted as acceptedMessage,
  evolve,
  isOver,
  type Message,
  type Next,
  nextOf,
} from '../../domain/message/message.js';
import type { Told } from './project.js';

export interface Place {
  /** The fact that made it ready; null: it is not. */
  readonly readyAt: Position | null;
  /** Milliseconds since the epoch, of a message that is ready. */
  readonly since: number;
  /** Of a message that waits for a time; null: it does not. */
  readonly dueAt: number | null;
  readonly waitsFor: WaitsFor | null;
}

/** unknown: nobody knows what became of its attempt, and the provider is to be asked; work: something is to be done at once. */
export type WaitsFor = Extract<Next, { kind: 'wait' }>['for'] | 'unknown' | 'work';

/** What waits for these is sent when its time has come; anything else needs something else then. */
export const sendKinds = [
  'retry',
  'not-before',
  'hold',
  'digest',
] as const satisfies readonly WaitsFor[];

/** For SQL: an index of the rest is there for the same list only. */
export const sendKindsText = sendKinds.map((kind) => `'${kind}'`).join(', ');

/** Due to be sent, not to be looked after. */
export const isToSend = (waitsFor: WaitsFor | null): boolean =>
  sendKinds.some((kind) => kind === waitsFor);

const waitsFor = (next: Next, { attempts }: Message): WaitsFor => {
  if (next.kind === 'reconcile') return 'unknown';
  if (next.kind !== 'wait') return 'work';
  return attempts.at(-1)?.outcome === 'unknown' ? 'unknown' : next.for;
};

interface Moment {
  readonly message: Message;
  readonly place: Place;
}

export interface Folded extends Moment {
  readonly position: Position;
  readonly revision: number;
}

const nowhere: Place = { readyAt: null, since: 0, dueAt: null, waitsFor: null };

/** What a ready row says of its message: another channel or another end is another row, behind those that were ready by then. */
const isSameRow = (one: Message, other: Message): boolean =>
  one.step === other.step && readyUntil(one) === readyUntil(other);

const placeOf = (
  message: Message,
  at: number,
  position: Position,
  before: Moment | null,
): Place => {
  const next = nextOf(message, at);
  switch (next.kind) {
    case 'done':
      return nowhere;
    case 'send':
      if (before && before.place.readyAt !== null && isSameRow(before.message, message)) {
        return before.place;
      }
      return { ...nowhere, readyAt: position, since: at };
    case 'wait':
      return { ...nowhere, dueAt: Math.ceil(next.until), waitsFor: waitsFor(next, message) };
    default:
      return { ...nowhere, dueAt: at, waitsFor: waitsFor(next, message) };
  }
};

/** When a message that is ready would need something else than to be sent. */
export const readyUntil = ({ steps, step, stepSince, expiresAt }: Message): number => {
  const wait = steps[step]?.waitSeconds;
  const isLast = step >= steps.length - 1;
  return isLast || wait === undefined ? expiresAt : Math.min(expiresAt, stepSince + wait * 1_000);
};

/** @param before of the row; null: it begins here, or nothing is known of it. */
export const fold = (told: Told, before: Folded | null): Folded | null => {
  let folded = before;
  if (told.accepted) {
    const { data, at, position } = told.accepted;
    const message = acceptedMessage(data, at);
    folded = { message, place: placeOf(message, at, position, null), position, revision: -1 };
  }
  for (const { change, revision } of told.changes) {
    if (!folded) return null;
    const { at, position } = change;
    const message = evolve(folded.message, change);
    folded = { message, place: placeOf(message, at, position, folded), position, revision };
  }
  return folded;
};

/** Nothing is sent of it any more: what it was to say can go. */
export const needsRequest = (message: Message): boolean =>
  !isOver(message) && message.digestedInto === null;
