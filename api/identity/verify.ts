/** /auth/verify: what a gateway asks before it lets a request through (nginx: auth_request). The answer is in its headers. */
import { Type } from '@sinclair/typebox';
import { anyBearer } from '../auth/access.js';
import { identityHeaders } from '../auth/identity.js';
import { type Route, route } from '../route.js';

export const verifyRoute = (): Route =>
  route({
    method: 'GET',
    path: '/auth/verify',
    summary: 'Says to a gateway whose token this is',
    description:
      'Headers `X-User-Id`, `X-Tenant-Id`, `X-Caller-Kind` and, of partners, `X-Partner-Id`. 401 or 403 where the token is not good. ' +
      'It does not count towards the limit of requests, since the request itself will.',
    tags: ['Identity'],
    access: anyBearer,
    isMetered: false,
    response: Type.Null(),
    status: 204,
    handle: ({ caller }) => ({
      body: null,
      headers: { ...identityHeaders(caller), 'cache-control': 'no-store' },
    }),
  });
