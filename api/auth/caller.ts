/**
 * Who sends a request, after the credentials were checked. Everything a caller reaches lies in the caller's tenant: no route
 * takes a tenant from the request.
 */
import type { Actor } from '../../domain/fact.js';
import type {
  AppId,
  CredentialId,
  MerchantId,
  OperatorId,
  PartnerId,
  PartnerUserId,
  PointOfSaleId,
  TenantId,
  TillId,
} from '../../domain/ids.js';
import type { Role } from '../../domain/operator/operator.js';
import type { PartnerRole } from '../../domain/partner/role.js';

/** A till by its own token, or by an app that shows that token beside its own. */
export interface TillCaller {
  readonly kind: 'till';
  readonly tenant: TenantId;
  /** The till, or the app that acts for it. */
  readonly actor: Actor;
  readonly tillId: TillId;
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly appId: AppId | null;
}

/** An app without a till: it may ask who it is, nothing else. */
export interface AppCaller {
  readonly kind: 'app';
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly appId: AppId;
}

export interface OperatorCaller {
  readonly kind: 'operator';
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly operatorId: OperatorId;
  readonly roles: readonly Role[];
  /** The only merchant whose data the operator may see; null: all of the tenant. */
  readonly merchantId: MerchantId | null;
}

/** A program or a user of a partner company: it sees the exchange and nothing of the programme. */
export interface PartnerCaller {
  readonly kind: 'partner';
  readonly tenant: TenantId;
  /** The partner for its programs, `partner/user` for a person. */
  readonly actor: Actor;
  readonly partnerId: PartnerId;
  /** Of a program; null for a person. */
  readonly credentialId: CredentialId | null;
  /** Of a person; null for a program. */
  readonly userId: PartnerUserId | null;
  readonly roles: readonly PartnerRole[];
}

export type Caller = TillCaller | AppCaller | OperatorCaller | PartnerCaller;
