/**
 * Whether a login and a password are an operator's. Invariant: the answer takes the same time whether the login exists or not,
 * and says no for an operator, tenant or merchant that was revoked, without saying which.
 *
 * Tokens are checked on every request and therefore in api/auth; a password is checked once, at logon.
 */
import type { OperatorId, TenantId } from '../domain/ids.js';
import type { Directory } from './directory.js';
import type { OperatorRecord } from './directoryShelf.js';
import { verifyNobody, verifyPassword } from './passwords.js';

export interface AuthenticatedOperator {
  readonly tenant: TenantId;
  readonly caller: OperatorRecord;
}

/** @throws PasswordsBusy */
export const authenticateOperator = async (
  directory: Directory,
  tenant: TenantId,
  login: OperatorId,
  password: string,
): Promise<AuthenticatedOperator | null> => {
  const operator = directory.operator(tenant, login);
  const matches = operator
    ? await verifyPassword(password, operator.passwordHash)
    : await verifyNobody(password);
  if (!matches || !operator) return null;
  const chain = [
    directory.tenant(tenant),
    directory.operator(tenant, login),
    ...(operator.merchantId === null ? [] : [directory.merchant(tenant, operator.merchantId)]),
  ];
  return chain.every((link) => link?.status === 'active') ? { tenant, caller: operator } : null;
};
