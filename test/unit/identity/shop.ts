/** The test shop with the identity of partners: the real keys, tokens and commands, over the log in memory. */
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { partnerUserRoutes } from '../../../api/admin/partnerUsers.js';
import { signingKeyRoutes } from '../../../api/admin/signingKeys.js';
import { topicRoutes } from '../../../api/exchange/topics.js';
import { identityRoutes } from '../../../api/identity/routes.js';
import type { Route } from '../../../api/route.js';
import { type AccessTokens, createAccessTokens } from '../../../commands/accessTokens.js';
import { createInviteUser } from '../../../commands/partnerUser/inviteUser.js';
import { createRemoveUser } from '../../../commands/partnerUser/removeUser.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { createSigning, type Signing } from '../../../commands/signing.js';
import type { TenantId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createMemorySigningKeys } from '../../../platform/memory/signingKeys.js';
import { now } from '../api/testApi.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

export type Method = 'get' | 'post' | 'put';

export interface IdentityShop extends TestShop {
  /** Those of the till, and those below. */
  readonly allRoutes: readonly Route[];
  readonly accessTokens: AccessTokens;
  readonly signing: Signing;
  /** JSON, or a form where `body` is text. Without a token: as nobody. */
  send(method: Method, path: string, body?: object | string, token?: string): request.Test;
}

export const openIdentityShop = async (): Promise<IdentityShop> => {
  let isRevoked = (_kid: string): boolean => false;
  let keysAsked = 0;
  const signing = await createSigning({
    keys: createMemorySigningKeys(),
    isRevoked: (kid) => isRevoked(kid),
    // Keys are told apart by their age.
    now: () => now + (keysAsked += 1),
    onFailed: (error) => {
      throw error;
    },
  });
  const accessTokens = createAccessTokens(signing);
  const personalData = createPersonalData(createMemoryPersonalKeys());
  const identity: Route[] = [];
  const shop = await openTestShop({
    verifyToken: accessTokens.verify,
    withRoutes: (handler) => {
      isRevoked = (kid) => handler.directory.revokedKeys.has(kid);
      const users = {
        ...{ handler, personalData },
        inviteUser: createInviteUser(handler, personalData),
        removeUser: createRemoveUser(handler, personalData),
      };
      identity.push(
        ...partnerRoutes({ handler }),
        ...partnerUserRoutes(users),
        ...signingKeyRoutes({ handler, homeTenant: 'demo' as TenantId, signing }),
        ...topicRoutes({ handler }),
        ...identityRoutes({ ...users, tokens: accessTokens }),
      );
      return identity;
    },
  });
  return {
    ...shop,
    allRoutes: [...shop.routes, ...identity],
    accessTokens,
    signing,
    send: (method, path, body, token) => {
      const call = request(shop.app)[method](path).set('idempotency-key', randomUUID());
      if (token !== undefined) void call.set('authorization', `Bearer ${token}`);
      if (typeof body === 'string') void call.type('form');
      return body === undefined ? call : call.send(body);
    },
    close: async () => {
      signing.close();
      await shop.close();
    },
  };
};
