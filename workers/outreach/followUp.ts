/**
 * What a message's state leads to by itself: the next step of its cascade, or the end. It is put down to be recorded together with whatever
 * led there, so that no message is ever recorded in a state that asks for more at once.
 */
import {
  type Change,
  evolve,
  type Message,
  type Next,
  nextOf,
} from '../../domain/message/message.js';
import type { Said } from './said.js';

/** Put down to be recorded. */
export interface Step {
  readonly advanced: NonNullable<Said['advanced']>[number][];
  readonly ended: NonNullable<Said['ended']>[number][];
}

/** A message that went in circles would do so for ever. */
const followMax = 20;

/** Something is to be done besides sending it. */
export const needsWork = ({ kind }: Next): boolean =>
  kind === 'advance' || kind === 'end' || kind === 'reconcile';

/** Puts down all that follows at once. @param now milliseconds since the epoch */
export const followUp = (message: Message, step: Step, now: () => number): void => {
  let current = message;
  for (let turns = 0; turns < followMax; turns += 1) {
    const at = now();
    const change = changeOf(current, nextOf(current, at), at, step);
    if (!change) return;
    current = evolve(current, change);
  }
};

/** Puts down what `next` says, with the reason that was told for it; null: it waits, or something is to be done for it. */
export const changeOf = (
  { messageId }: Message,
  next: Next,
  at: number,
  step: Step,
  told: { readonly reason?: string | undefined; readonly detail?: string | undefined } = {},
): Change | null => {
  const detail = told.detail === undefined ? {} : { detail: told.detail };
  if (next.kind === 'advance') {
    const item = { messageId, step: next.to, reason: told.reason ?? next.reason, ...detail };
    step.advanced.push(item);
    return { type: 'MessagesAdvanced', item, at, position: 0n };
  }
  if (next.kind === 'end') {
    const { status } = next;
    const item = { messageId, status, reason: told.reason ?? next.reason, ...detail };
    step.ended.push(item);
    return { type: 'MessagesEnded', item, at, position: 0n };
  }
  return null;
};
