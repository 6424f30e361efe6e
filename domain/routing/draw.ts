/** A draw that follows from the message alone: whoever repeats the decision comes to the same. */
import type { MessageId } from '../ids.js';

const range = 0x1_0000_0000;

/** From 0 up to, not with, 1; even over messages and attempts. FNV-1a, then the finish of MurmurHash3. */
export const drawOf = (messageId: MessageId, attempt: number): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < messageId.length; index += 1) {
    hash = Math.imul(hash ^ messageId.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ attempt, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / range;
};
