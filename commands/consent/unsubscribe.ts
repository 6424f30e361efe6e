/**
 * Links by which a recipient ends such messages, without a login: whoever holds the message may do that and nothing else. A link is the
 * tenant and what it ends, sealed under a key of the tenant, so it can neither be guessed nor turned into another, and says nothing about
 * the recipient to whoever sees it. It works for ever, since messages are kept for ever.
 */
import { createHmac } from 'node:crypto';
import {
  type ConsentClass,
  consentClasses,
  type ConsentSource,
} from '../../domain/consent/consent.js';
import type { TenantId } from '../../domain/ids.js';
import { type Channel, channels } from '../../domain/message/kinds.js';
import { rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import type { Handled, Handler } from '../handle.js';
import { openText, type PersonalKeys, type PersonSubject, sealText } from '../personalData.js';
import { withdrawConsents } from './consents.js';

export interface UnsubscribeTerms {
  readonly tenant: TenantId;
  /** As consents are asked, see consentSubject: of the address, and of the account that it belongs to. */
  readonly subjects: readonly [string, ...string[]];
  readonly channel: Channel;
  readonly class: ConsentClass;
}

const use = 'unsubscribe' as PersonSubject;
const pathOf = (token: string): string => `/outreach/v1/unsubscribe/${token}`;

/** Derived once for each tenant: rendering needs it for every message. */
export const linkKey = (indexKey: Buffer): Buffer =>
  createHmac('sha256', indexKey).update('unsubscribe links').digest();

/** @param key see linkKey. @param publicUrl of this installation, without a slash at the end. */
export const unsubscribeUrl = (
  publicUrl: string,
  key: Buffer,
  { tenant, subjects: [first, ...others], channel, class: of }: UnsubscribeTerms,
): string => {
  const sealed = sealText(key, tenant, use, [first, channel, of, ...others].join(' '));
  return `${publicUrl}${pathOf(`${tenant}.${sealed}`)}`;
};

/** @throws Rejected unsubscribe-link-refused */
export const unsubscribeTerms = async (
  keys: Pick<PersonalKeys, 'indexKey'>,
  isTenant: (tenant: TenantId) => boolean,
  token: string,
): Promise<UnsubscribeTerms> => {
  const dot = token.indexOf('.');
  const tenant = token.slice(0, Math.max(0, dot)) as TenantId;
  // Asked before a key is: a key is made for whatever tenant it is asked of.
  if (dot < 1 || !isTenant(tenant)) throw rejected('unsubscribe-link-refused');
  const key = linkKey(await keys.indexKey(tenant));
  const [first = '', channel, of, ...others] = opened(key, tenant, token.slice(dot + 1)).split(' ');
  const onChannel = channels.find((one) => one === channel);
  const ofClass = consentClasses.find((one) => one === of);
  if (!onChannel || !ofClass) throw rejected('unsubscribe-link-refused');
  return { tenant, subjects: [first, ...others], channel: onChannel, class: ofClass };
};

const opened = (key: Buffer, tenant: TenantId, sealed: string): string => {
  try {
    return openText(key, tenant, use, sealed);
  } catch {
    throw rejected('unsubscribe-link-refused');
  }
};

const source: ConsentSource = { kind: 'unsubscribe-link' };

/** A second click finds nothing left to do. Answered as the last of the subjects is. */
export const unsubscribe = async (
  handler: Handler,
  { subjects: [first, ...others], channel, class: of }: UnsubscribeTerms,
  context: CommandContext,
): Promise<Handled<unknown>> => {
  const withdraw = (subject: string) =>
    handler.handle(
      withdrawConsents,
      { subject, channels: [channel], classes: [of], source },
      context,
    );
  let handled = await withdraw(first);
  for (const subject of others) {
    const other = await withdraw(subject);
    const isLater = (other.position ?? -1n) > (handled.position ?? -1n);
    if (isLater) handled = other;
  }
  return handled;
};
