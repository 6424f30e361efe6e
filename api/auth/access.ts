/**
 * Who may use a route, as data: every route has one rule, the OpenAPI document shows it, and `authorise` is the one place that
 * applies it.
 */
import type { MerchantId } from '../../domain/ids.js';
import type { Role } from '../../domain/operator/operator.js';
import { rejected } from '../../domain/rejected.js';
import { refused } from '../refused.js';
import type { Caller, OperatorCaller, TillCaller } from './caller.js';

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
export const anyCredentials: Access = {
  kind: 'credentials',
  till: true,
  app: true,
  operator: ['owner', 'manager', 'analyst', 'auditor', 'cashier'],
};

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
    case 'operator':
      if (caller.roles.some((role) => access.operator.includes(role))) return;
      break;
  }
  const wanted = [access.till ? 'a till' : '', ...access.operator].filter(Boolean);
  throw refused('forbidden', `This is open to: ${wanted.join(', ')}.`, { requires: wanted });
};

/** For what belongs to one merchant. @throws Rejected `foreign-merchant` */
export const mustServe = (
  caller: TillCaller | OperatorCaller,
  merchantId: MerchantId | null,
): void => {
  if (merchantId === null || caller.merchantId === null || caller.merchantId === merchantId) return;
  throw rejected('foreign-merchant', { merchantId });
};

/** For routes of `tillsOnly`. */
export const actingTill = (caller: Caller): TillCaller => {
  if (caller.kind === 'till') return caller;
  throw new Error(
    `A route of tills let ${caller.kind} ${caller.actor.id} in: mend its access rule.`,
  );
};
