/**
 * What the POS API needs from the rest of the house.
 */
import type { AccessTokens } from '../../commands/accessTokens.js';
import type { CloseAccount } from '../../commands/customer/closeAccount.js';
import type { EnrolCustomer } from '../../commands/customer/enrolCustomer.js';
import type { ErasePerson } from '../../commands/customer/erasePerson.js';
import type { AddMember } from '../../commands/household/addMember.js';
import type { EraseMember } from '../../commands/household/eraseMember.js';
import type { RemoveMember } from '../../commands/household/removeMember.js';
import type { Handler } from '../../commands/handle.js';
import type { PersonalData } from '../../commands/personalData.js';
import type { Signed } from '../../commands/signing.js';
import type { PosQueries } from './queries.js';

export interface PosServices {
  readonly handler: Handler;
  readonly personalData: PersonalData;
  readonly enrolCustomer: EnrolCustomer;
  readonly closeAccount: CloseAccount;
  readonly erasePerson: ErasePerson;
  readonly addMember: AddMember;
  readonly removeMember: RemoveMember;
  readonly eraseMember: EraseMember;
  readonly queries: PosQueries;
  readonly operatorTokens: {
    issue(...to: Parameters<AccessTokens['issue']>): Signed | Promise<Signed>;
  };
}
