/**
 * Which messages become one: those of one requester to the same recipient under the same key that nothing was sent of yet, once the time of the first of
 * them has come. The first speaks for the others, and theirs is its fate. Pure; whoever sends gives what is open of one lane.
 */
import type { MessageId } from '../ids.js';
import { isOver, isUnsent, type Message } from './state.js';

export interface DigestCandidate {
  readonly message: Message;
  /** `partner bank`: what one asks for is not told in another's message, nor is another's its to cancel. */
  readonly requester: string;
  /** Whose key seals it: no two recipients share one. */
  readonly subject: string;
  /** `templateId version`: only what is filled into the same template can be told together; null: an own text. */
  readonly template: string | null;
}

export interface Digest {
  readonly into: MessageId;
  /** In the order in which they were accepted, `into` first; at least two. */
  readonly messageIds: readonly MessageId[];
}

/** What a template takes as `items`: the rest becomes the next one. */
export const digestMax = 100;

const mayJoin = ({ message, template }: DigestCandidate): boolean =>
  template !== null &&
  message.digest !== null &&
  message.digestedInto === null &&
  message.digests.length === 0 &&
  message.attempts.length === 0 &&
  !isOver(message) &&
  isUnsent(message);

const byAcceptance = (one: DigestCandidate, other: DigestCandidate): number =>
  one.message.acceptedAt - other.message.acceptedAt ||
  (one.message.messageId < other.message.messageId ? -1 : 1);

/** Those whose time has come by `now` (milliseconds since the epoch). What expired meanwhile is left out, and expires by itself. */
export const digestsOf = (candidates: readonly DigestCandidate[], now: number): Digest[] => {
  const groups = new Map<string, DigestCandidate[]>();
  for (const one of candidates) {
    const { message, requester, subject, template } = one;
    if (!mayJoin(one) || message.expiresAt <= now) continue;
    const channel = message.steps[message.step]?.channel ?? '';
    const of = [requester, subject, message.class, channel, template];
    const key = [...of, message.digest?.key].join('\n');
    const known = groups.get(key);
    if (known) known.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group.sort(byAcceptance);
    if (!first || others.length === 0 || (first.message.digest?.until ?? 0) > now) return [];
    const messageIds = [first, ...others].slice(0, digestMax).map((one) => one.message.messageId);
    return [{ into: first.message.messageId, messageIds }];
  });
};
