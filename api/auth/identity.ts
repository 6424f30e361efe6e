/**
 * Who a caller is in three words, as a gateway hands them on: X-User-Id, X-Partner-Id, X-Tenant-Id.
 *
 * They are for others: for what stands beside us behind the same gateway, and for its log. We ourselves believe the token alone and
 * look at these headers only to refuse what disagrees with it: a gateway that mixes requests up is found out by the first that it
 * mixes up, and whoever forges a header gains nothing by it, with a gateway in between or without.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { refused } from '../refused.js';
import type { Caller, PartnerCaller } from './caller.js';

const subjectOf = (caller: Caller): string => {
  if (caller.kind === 'till') return caller.tillId;
  if (caller.kind === 'partner') return caller.userId ?? caller.credentialId ?? caller.partnerId;
  return caller.actor.id;
};

/** Lower-case names; a header without a value is not sent. */
export const identityHeaders = (caller: Caller): Readonly<Record<string, string>> => ({
  'x-user-id': subjectOf(caller),
  'x-tenant-id': caller.tenant,
  'x-caller-kind': caller.kind,
  ...(caller.kind === 'partner' ? { 'x-partner-id': caller.partnerId } : {}),
});

/** @throws Refused identity-mismatch */
export const mustAgree = (headers: IncomingHttpHeaders, caller: PartnerCaller): void => {
  const identity = identityHeaders(caller);
  for (const name of ['x-user-id', 'x-partner-id', 'x-tenant-id']) {
    const given = headers[name];
    if (given === undefined || given === identity[name]) continue;
    throw refused('identity-mismatch', 'Leave the header out: the token says who you are.', {
      header: name,
    });
  }
};
