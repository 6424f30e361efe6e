/**
 * The code that a partner's user sets a password with: `kpu.<tenant>.<user>.<secret>`, shown once to whoever invites or resets, and
 * handed on by them. It works once, until it lapses or another takes its place; the log keeps the SHA-256 of its secret.
 */
import type { PartnerUserId, TenantId } from '../../domain/ids.js';

export const invitationLifetimeMs = 7 * 86_400_000;
export const resetLifetimeMs = 86_400_000;

export interface UserCode {
  readonly tenant: TenantId;
  readonly partnerUserId: PartnerUserId;
  readonly secret: string;
}

export const codePattern = '^kpu\\.[a-z][a-z0-9]{1,30}\\.pu[0-9a-f]{20}\\.[A-Za-z0-9_-]{43}$';

export const formatCode = ({ tenant, partnerUserId, secret }: UserCode): string =>
  `kpu.${tenant}.${partnerUserId}.${secret}`;

/** Of a text that follows `codePattern`. */
export const parseCode = (text: string): UserCode => {
  const [, tenant = '', id = '', secret = ''] = text.split('.');
  return { tenant: tenant as TenantId, partnerUserId: id as PartnerUserId, secret };
};
