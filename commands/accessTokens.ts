/**
 * What our JWTs say, and for whom they are. Operators' and partners' have an audience each, so neither is ever taken for the other,
 * however alike their claims; both are signed with the same keys (signing.ts).
 *
 * A token says who it is, not what it may: roles, and whether the person, the program and the company are still there, are asked of
 * the directory at every request. `roles` in it are for those who only read it.
 */
import { randomUUID } from 'node:crypto';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import {
  CredentialId,
  MerchantId,
  OperatorId,
  PartnerId,
  PartnerUserId,
  TenantId,
} from '../domain/ids.js';
import { Role } from '../domain/operator/operator.js';
import { type PartnerRole, PartnerRoles } from '../domain/partner/role.js';
import type { Signed, Signing } from './signing.js';
import { tokenLifetimeMs } from './signingKeys.js';
import { isValid } from './validation.js';

const operatorAudience = 'kopilka';
const partnerAudience = 'kopilka-exchange';

/** Short, since a copy is good until it is over; programs and people ask for another without being asked anything. */
export const partnerTokenLifetimeMs = 15 * 60_000;

const times = { iat: Type.Integer(), exp: Type.Integer() } as const;
const OperatorClaims = Type.Object({
  tenant: TenantId,
  sub: OperatorId,
  roles: Type.Array(Role, { maxItems: 5 }),
  merchantId: Type.Union([MerchantId, Type.Null()]),
  ...times,
});
const partnerClaims = {
  tenant: TenantId,
  partner_id: PartnerId,
  roles: PartnerRoles,
  jti: Type.String({ format: 'uuid' }),
  nbf: Type.Integer(),
  ...times,
} as const;
const UserClaims = Type.Object({
  kind: Type.Literal('user'),
  sub: PartnerUserId,
  user_id: PartnerUserId,
  session: Type.Integer({ minimum: 0 }),
  ...partnerClaims,
});
const ClientClaims = Type.Object({
  kind: Type.Literal('client'),
  sub: CredentialId,
  user_id: CredentialId,
  ...partnerClaims,
});

export interface OperatorIdentity {
  readonly tenant: TenantId;
  readonly operatorId: OperatorId;
  readonly roles: readonly Role[];
  readonly merchantId: MerchantId | null;
}
interface OfPartner {
  readonly tenant: TenantId;
  readonly partnerId: PartnerId;
}
/** A person, in the session that they logged on for. */
export interface PartnerUserIdentity extends OfPartner {
  readonly userId: PartnerUserId;
  readonly session: number;
}
/** A program, by its credential. */
export interface PartnerClientIdentity extends OfPartner {
  readonly credentialId: CredentialId;
}

interface Life {
  readonly kid: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}
export type VerifiedToken = Life &
  (
    | ({ readonly kind: 'operator' } & OperatorIdentity)
    | ({ readonly kind: 'partnerUser' } & PartnerUserIdentity)
    | ({ readonly kind: 'partnerClient' } & PartnerClientIdentity)
  );

export interface AccessTokens {
  /** `now` in milliseconds. */
  issue(operator: OperatorIdentity, now: number): Promise<Signed>;
  issueToPartner(
    holder: (PartnerUserIdentity | PartnerClientIdentity) & {
      readonly roles: readonly PartnerRole[];
    },
    now: number,
  ): Promise<Signed>;
  /** 'expired' is said only of what was ours; null: never was, or its key was revoked. */
  verify(token: string, now: number): VerifiedToken | 'expired' | null;
}

export const createAccessTokens = (signing: Pick<Signing, 'sign' | 'verify'>): AccessTokens => ({
  issue: ({ tenant, operatorId, roles, merchantId }, now) =>
    signing.sign(
      { tenant, roles, merchantId },
      { audience: operatorAudience, subject: operatorId, lifetimeMs: tokenLifetimeMs },
      now,
    ),
  issueToPartner: (holder, now) => {
    const { tenant, partnerId, roles } = holder;
    const [kind, subject, session] =
      'userId' in holder
        ? (['user', holder.userId, { session: holder.session }] as const)
        : (['client', holder.credentialId, {}] as const);
    const whose = { tenant, partner_id: partnerId, user_id: subject, roles, ...session };
    const nbf = Math.floor(now / 1000);
    return signing.sign(
      { kind, ...whose, jti: randomUUID(), nbf },
      { audience: partnerAudience, subject, lifetimeMs: partnerTokenLifetimeMs },
      now,
    );
  },
  verify: (token, now) => {
    const verified = signing.verify(token, [operatorAudience, partnerAudience], now);
    if (verified === null || verified === 'expired') return verified;
    const { audience, claims, kid } = verified;
    return audience === operatorAudience ? operatorOf(claims, kid) : partnerOf(claims, kid);
  },
});

const is = <Schema extends TSchema>(schema: Schema, claims: unknown): claims is Static<Schema> =>
  isValid(schema, claims);

const operatorOf = (claims: unknown, kid: string): VerifiedToken | null => {
  if (!is(OperatorClaims, claims)) return null;
  const { tenant, sub, roles, merchantId, exp } = claims;
  const life = { kid, expiresAt: exp * 1000 };
  return { kind: 'operator', tenant, operatorId: sub, roles, merchantId, ...life };
};

const partnerOf = (claims: unknown, kid: string): VerifiedToken | null => {
  if (is(UserClaims, claims)) {
    const { tenant, partner_id: partnerId, sub, user_id: userId, session, exp } = claims;
    if (sub !== userId) return null;
    const life = { kid, expiresAt: exp * 1000 };
    return { kind: 'partnerUser', tenant, partnerId, userId, session, ...life };
  }
  if (is(ClientClaims, claims)) {
    const { tenant, partner_id: partnerId, sub, user_id: credentialId, exp } = claims;
    if (sub !== credentialId) return null;
    return { kind: 'partnerClient', tenant, partnerId, credentialId, kid, expiresAt: exp * 1000 };
  }
  return null;
};
