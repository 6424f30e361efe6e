/** Who partners' people and programs are: /auth, and what a partner's administrators keep under /exchange/v1. */
import { actingPartner, partnerAdministratorsOnly } from '../auth/access.js';
import type { Route } from '../route.js';
import { credentialRoutes } from './credentials.js';
import { logonRoutes } from './logon.js';
import { ownRoutes } from './own.js';
import type { IdentityServices } from './services.js';
import { tokenRoute } from './token.js';
import { userRoutes } from './users.js';
import { verifyRoute } from './verify.js';

export const identityRoutes = (services: IdentityServices): Route[] => [
  ...logonRoutes(services),
  tokenRoute(services),
  verifyRoute(),
  ...ownRoutes(services),
  ...credentialRoutes(services),
  ...userRoutes(services, {
    prefix: '/exchange/v1',
    tag: 'Users and programs',
    params: {},
    toLook: partnerAdministratorsOnly,
    toChange: partnerAdministratorsOnly,
    partnerOf: ({ caller }) => actingPartner(caller),
  }),
];
