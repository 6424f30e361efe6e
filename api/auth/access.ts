/**
 * Who may use a route, as data: every route has one rule, the OpenAPI document shows it, and `authorise` is the one place that
 * applies it.
 */
import type { MerchantId } from '../../domain/ids.js';
import type { Role } from '../../domain/operator/operator.js';
import { type PartnerRole, partnerRoles } from '../../domain/partner/role.js';
import { rejected } from '../../domain/rejected.js';
import { refused } from '../refused.js';
import type { Caller, PartnerCaller, TillCaller } from './caller.js';

export type Access =
  | { readonly kind: 'public' }
  /** Requests from this machine itself, or with the monitoring token. */
  | { readonly kind: 'monitoring' }
  | {
      readonly kind: 'credentials';
      /** A till, or an app together with the token of a till. */
      readonly till: boolean;
      /** An app by itself. */
      readonly app: boolean;
      /** Operators with one of these roles. */
      readonly operator: readonly Role[];
      /** Programs and users of a partner with one of these roles; none unless told. */
      readonly partner?: readonly PartnerRole[];
    };

export const everybody: Access = { kind: 'public' };
export const monitoring: Access = { kind: 'monitoring' };
export const tillsOnly: Access = { kind: 'credentials', till: true, app: false, operator: [] };
export const tillsAnd = (...operator: Role[]): Access => ({
  kind: 'credentials',
  till: true,
  app: false,
  operator,
});
export const operatorsOnly = (first: Role, ...rest: Role[]): Access => ({
  kind: 'credentials',
  till: false,
  app: false,
  operator: [first, ...rest],
});
/** To look at the programme. */
export const readersOnly: Access = operatorsOnly('owner', 'manager', 'analyst', 'auditor');
/** To change what the programme does. */
export const editorsOnly: Access = operatorsOnly('owner', 'manager');
/** Programs and users of a partner that have one of the roles. */
export const partnersWith = (first: PartnerRole, ...rest: PartnerRole[]): Access => ({
  kind: 'credentials',
  till: false,
  app: false,
  operator: [],
  partner: [first, ...rest],
});
/** To look at the exchange: everybody of a partner may. What changes something asks for a role, by one of the three below. */
export const partnersOnly: Access = partnersWith(
  'administrator',
  'publisher',
  'subscriber',
  'reader',
);
/** To publish on the partner's own topics, and to say what they hold. */
export const publishersOnly: Access = partnersWith('publisher');
/** To keep standing orders and what was delivered by them in order. */
export const subscribersOnly: Access = partnersWith('subscriber');
/** To have something said to customers: programs of partners that may, and those who run the programme. */
export const messengersOnly: Access = {
  kind: 'credentials',
  till: false,
  app: false,
  operator: ['owner', 'manager'],
  partner: ['messenger'],
};
/** To say who else of the partner may do what. */
export const partnerAdministratorsOnly: Access = partnersWith('administrator');
export const anyCredentials: Extract<Access, { kind: 'credentials' }> = {
  kind: 'credentials',
  till: true,
  app: true,
  operator: ['owner', 'manager', 'analyst', 'auditor', 'cashier'],
};
/** Whoever has a valid token of any kind. */
export const anyBearer: Access = { ...anyCredentials, partner: partnerRoles };

/** @throws Refused `forbidden` or `till-token-missing`. */
export const authorise = (
  access: Extract<Access, { kind: 'credentials' }>,
  caller: Caller,
): void => {
  switch (caller.kind) {
    case 'till':
      if (access.till) return;
      break;
    case 'app':
      if (access.app) return;
      if (!access.till) break;
      throw refused('till-token-missing', "Send the till's token in the X-Till-Token header.");
    case 'partner':
      if (caller.roles.some((role) => access.partner?.includes(role))) return;
      break;
    case 'operator':
      if (caller.roles.some((role) => access.operator.includes(role))) return;
      break;
  }
  const wanted = [
    access.till ? 'a till' : '',
    ...(access.partner ?? []).map((role) => `a partner's ${role}`),
    ...access.operator,
  ].filter(Boolean);
  throw refused('forbidden', `This is open to: ${wanted.join(', ')}.`, { requires: wanted });
};

/** The only merchant whose data the caller may see; null: every merchant's. */
export const merchantOf = (caller: Exclude<Caller, PartnerCaller>): MerchantId | null =>
  caller.kind === 'app' ? null : caller.merchantId;

/** Partners see nothing of the programme: a route of it that let one in is wrong. */
export const ofProgramme = (caller: Caller): Exclude<Caller, PartnerCaller> => {
  if (caller.kind !== 'partner') return caller;
  throw new Error(`A route of the programme let partner ${caller.partnerId} in: mend its rule.`);
};

/** For what belongs to one merchant. @throws Rejected `foreign-merchant` */
export const mustServe = (caller: Caller, merchantId: MerchantId | null): void => {
  const own = merchantOf(ofProgramme(caller));
  if (merchantId === null || own === null || own === merchantId) return;
  throw rejected('foreign-merchant', { merchantId });
};

/** For routes of `partnersOnly`. */
export const actingPartner = (caller: Caller): PartnerCaller => {
  if (caller.kind === 'partner') return caller;
  throw new Error(
    `A route of partners let ${caller.kind} ${caller.actor.id} in: mend its access rule.`,
  );
};

/** For routes of `tillsOnly`. */
export const actingTill = (caller: Caller): TillCaller => {
  if (caller.kind === 'till') return caller;
  throw new Error(
    `A route of tills let ${caller.kind} ${caller.actor.id} in: mend its access rule.`,
  );
};
