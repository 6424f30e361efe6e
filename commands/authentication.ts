/**
 * Who is calling: the till, app or operator that a credential stands for, or null. Invariant: whatever was revoked on the way
 * from the tenant down to the till ends the token too, and the caller learns only that it was refused, not why.
 */
import type { MerchantId, OperatorId, TenantId } from '../domain/ids.js';
import { parseToken, secretMatches } from './credentials.js';
import type { AppRecord, Directory, OperatorRecord, TillRecord } from './directory.js';
import { verifyNobody, verifyPassword } from './passwords.js';

export interface Authenticated<Caller> {
  readonly tenant: TenantId;
  readonly caller: Caller;
}

export const authenticateTill = (
  directory: Directory,
  tokenText: string,
): Authenticated<TillRecord> | null => {
  const token = parseToken(tokenText);
  if (token?.kind !== 'till') return null;
  const { tenant, id, secret } = token;
  const till = directory.till(tenant, id);
  if (!till || !secretMatches(secret, till.secretHash)) return null;
  const chain = [
    directory.tenant(tenant),
    directory.merchant(tenant, till.merchantId),
    directory.pointOfSale(tenant, till.pointOfSaleId),
    till,
  ];
  return chain.every((link) => link?.status === 'active') ? { tenant, caller: till } : null;
};

export const authenticateApp = (
  directory: Directory,
  tokenText: string,
): Authenticated<AppRecord> | null => {
  const token = parseToken(tokenText);
  if (token?.kind !== 'app') return null;
  const { tenant, id, secret } = token;
  const app = directory.app(tenant, id);
  if (!app || !secretMatches(secret, app.secretHash)) return null;
  const active = app.status === 'active' && directory.tenant(tenant)?.status === 'active';
  return active ? { tenant, caller: app } : null;
};

/** Takes the same time whether the login exists or not. @throws PasswordsBusy */
export const authenticateOperator = async (
  directory: Directory,
  tenant: TenantId,
  login: OperatorId,
  password: string,
): Promise<Authenticated<OperatorRecord> | null> => {
  const operator = directory.operator(tenant, login);
  const matches = operator
    ? await verifyPassword(password, operator.passwordHash)
    : await verifyNobody(password);
  if (!matches || !operator || !isOperatorActive(directory, tenant, login)) return null;
  return { tenant, caller: operator };
};

/** For a JWT that is still valid: whether its operator, tenant and merchant still are. */
export const isOperatorActive = (
  directory: Directory,
  tenant: TenantId,
  login: OperatorId,
): boolean => {
  const operator = directory.operator(tenant, login);
  if (operator?.status !== 'active' || directory.tenant(tenant)?.status !== 'active') return false;
  return operator.merchantId === null || isMerchantActive(directory, tenant, operator.merchantId);
};

const isMerchantActive = (directory: Directory, tenant: TenantId, id: MerchantId): boolean =>
  directory.merchant(tenant, id)?.status === 'active';
