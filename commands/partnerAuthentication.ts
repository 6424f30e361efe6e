/**
 * Who shows the right secret is a partner's user or program. Invariant: the answer takes the same time whether the user exists or
 * not, and says no for who or whatever was blocked, removed or revoked, without saying which.
 */
import type { CredentialId, PartnerId, TenantId } from '../domain/ids.js';
import { Rejected } from '../domain/rejected.js';
import { secretMatches } from './credentials.js';
import type { Directory } from './directory.js';
import type { CredentialRecord } from './exchange.js';
import { partnerUserIdOf } from './partnerUser/person.js';
import type { PartnerUserRecord } from './partnerUsers.js';
import { verifyNobody, verifyPassword } from './passwords.js';
import type { PersonalData } from './personalData.js';

export interface PartnerLogin {
  readonly tenant: TenantId;
  readonly partnerId: PartnerId;
  /** As it was typed. */
  readonly email: string;
  readonly password: string;
}

const isOpen = (directory: Directory, tenant: TenantId, partnerId: PartnerId): boolean =>
  directory.tenant(tenant)?.status === 'active' &&
  directory.exchange.partner(tenant, partnerId)?.status === 'active';

/** @throws PasswordsBusy */
export const authenticatePartnerUser = async (
  directory: Directory,
  personalData: PersonalData,
  { tenant, partnerId, email, password }: PartnerLogin,
): Promise<PartnerUserRecord | null> => {
  const find = async (): Promise<PartnerUserRecord | undefined> => {
    // Of a programme that is not there no key is made either.
    if (!isOpen(directory, tenant, partnerId)) return undefined;
    try {
      const id = await partnerUserIdOf(personalData, tenant, partnerId, email);
      return directory.partnerUsers.user(tenant, id);
    } catch (error) {
      if (error instanceof Rejected) return undefined;
      throw error;
    }
  };
  const passwordHash = (await find())?.passwordHash ?? null;
  const matches = await (passwordHash === null
    ? verifyNobody(password)
    : verifyPassword(password, passwordHash));
  // Asked again: they may have been blocked while the password was checked.
  const user = await find();
  const mayLogOn = user && !user.isBlocked && user.passwordHash === passwordHash;
  return matches && mayLogOn ? user : null;
};

export const authenticateProgram = (
  directory: Directory,
  tenant: TenantId,
  credentialId: CredentialId,
  secret: string,
): CredentialRecord | null => {
  const credential = directory.exchange.credential(tenant, credentialId);
  if (!credential || !secretMatches(secret, credential.secretHash)) return null;
  const isGood = credential.status === 'active' && isOpen(directory, tenant, credential.partnerId);
  return isGood ? credential : null;
};
