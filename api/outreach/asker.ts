/** Who asks for messages: a partner, whose messages are its own, or whoever runs the programme, who sees and orders about all of them. */
import type { Requester } from '../../commands/message/resolve.js';
import { ofProgramme } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';

export const requesterOf = (caller: Caller): Requester =>
  caller.kind === 'partner'
    ? { kind: 'partner', id: caller.partnerId }
    : { kind: 'operator', id: ofProgramme(caller).actor.id };

/** Whose messages the caller reaches; null: everybody's. */
export const reachOf = (caller: Caller): Requester | null =>
  caller.kind === 'partner' ? requesterOf(caller) : null;

const traceGrammar = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export const traceparentOf = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined => {
  const given = headers['traceparent'];
  return typeof given === 'string' && traceGrammar.test(given) ? given : undefined;
};
