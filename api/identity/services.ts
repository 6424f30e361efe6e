/** What the routes of identity need from the rest of the house. */
import type { AccessTokens } from '../../commands/accessTokens.js';
import type { Handler } from '../../commands/handle.js';
import type { InviteUser } from '../../commands/partnerUser/inviteUser.js';
import type { RemoveUser } from '../../commands/partnerUser/removeUser.js';
import type { PersonalData } from '../../commands/personalData.js';

export interface UserServices {
  readonly handler: Handler;
  readonly personalData: PersonalData;
  readonly inviteUser: InviteUser;
  readonly removeUser: RemoveUser;
}

export interface IdentityServices extends UserServices {
  readonly tokens: Pick<AccessTokens, 'issueToPartner'>;
}
