/** Who asks for messages: a partner, whose messages are its own, or whoever runs the programme, who sees and orders about all of them. */
import type { Requester } from '../../commands/message/resolve.js';
import { wholeTenant } from '../admin/operatorCommand.js';
import type { Caller } from '../auth/caller.js';

/** Messages and consents are of no merchant's. @throws Refused `forbidden` for an operator of one merchant. */
export const requesterOf = (caller: Caller): Requester =>
  caller.kind === 'partner'
    ? { kind: 'partner', id: caller.partnerId }
    : { kind: 'operator', id: wholeTenant({ caller }).actor.id };

/** For what concerns recipients of the whole programme. @throws Refused `forbidden` for an operator of one merchant. */
export const mustReachAll = (caller: Caller): void => void requesterOf(caller);

/** Whose messages the caller reaches; null: everybody's. @throws Refused `forbidden` for an operator of one merchant. */
export const reachOf = (caller: Caller): Requester | null => {
  const requester = requesterOf(caller);
  return caller.kind === 'partner' ? requester : null;
};

const traceGrammar = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

export const traceparentOf = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined => {
  const given = headers['traceparent'];
  return typeof given === 'string' && traceGrammar.test(given) ? given : undefined;
};
