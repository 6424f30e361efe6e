/**
 * When a message is tried again after a failure that may pass: 5 s, 30 s, 2 min, 10 min, 30 min after the try before, a fifth more or less.
 * What varies follows from the message, so that a backlog that failed together does not come back together, and a replay of the log
 * arrives at the same times.
 */
import type { MessageId } from '../ids.js';

const second = 1_000;
const minute = 60 * second;
const delaysMs = [5 * second, 30 * second, 2 * minute, 10 * minute, 30 * minute] as const;

/** On one step of a strategy; being throttled is not a try. */
export const triesMax = delaysMs.length + 1;

const jitter = 0.2;

/** FNV-1a, from 0 to 1 exclusive. */
const fractionOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) / 2 ** 32;
};

/** @param tries made so far on the step, from 1. @returns milliseconds; null: there is no further try. */
export const retryDelayMs = (messageId: MessageId, tries: number): number | null => {
  const delay = delaysMs[tries - 1];
  if (delay === undefined) return null;
  return Math.round(delay * (1 - jitter + 2 * jitter * fractionOf(`${messageId}/${tries}`)));
};
