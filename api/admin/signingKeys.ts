/** /admin/v1/signing-keys: the keys of all tokens of the installation, changed in turn or given up. Of the home programme's owners. */
import { Type } from '@sinclair/typebox';
import { revokeSigningKey } from '../../commands/signingKey/revokeSigningKey.js';
import type { Signing } from '../../commands/signing.js';
import type { TenantId } from '../../domain/ids.js';
import { KeyId } from '../../domain/signingKey/signingKey.js';
import { operatorsOnly } from '../auth/access.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { contextOf, done, type Operation, type Registry, wholeTenant } from './operatorCommand.js';
import { Reason } from './revocation.js';

export interface SigningKeyRoutes extends Registry {
  readonly homeTenant: TenantId;
  readonly signing: Pick<Signing, 'keysInUse' | 'rotate' | 'remove'>;
}

const Keys = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        kid: KeyId,
        use: Type.Union([Type.Literal('signs'), Type.Literal('next'), Type.Literal('verifies')], {
          description:
            'next: published, signs within a minute; verifies: until its last token is over',
        }),
        createdAt: Instant,
        retiredAt: Type.Union([Instant, Type.Null()]),
      }),
    ),
  },
  { title: 'SigningKeys' },
);

const path = '/admin/v1/signing-keys';
const tags = ['Signing keys'] as const;
const access = operatorsOnly('owner');

export const signingKeyRoutes = ({ handler, homeTenant, signing }: SigningKeyRoutes): Route[] => {
  const atHome = (request: Pick<Operation, 'caller'>): void => {
    if (wholeTenant(request).tenant === homeTenant) return;
    throw refused('forbidden', 'Ask an owner of the programme that runs the installation.');
  };
  const shown = () => ({
    items: signing.keysInUse().map(({ kid, use, createdAt, retiredAt }) => ({
      kid,
      use,
      createdAt: instantOf(createdAt),
      retiredAt: retiredAt === null ? null : instantOf(retiredAt),
    })),
  });
  return [
    route({
      method: 'GET',
      path,
      summary: 'Lists the keys that tokens are signed and verified with',
      tags,
      access,
      response: Keys,
      handle: (request) => {
        atHome(request);
        return { body: shown() };
      },
    }),
    route({
      method: 'POST',
      path: `${path}/rotation`,
      summary: 'Begins a change of keys; nobody is logged off',
      description:
        'The new key is published at once and signs a minute later; the old one is published until its last token is over. ' +
        'It happens by itself every 30 days.',
      tags,
      access,
      response: Keys,
      status: 201,
      handle: async (request) => {
        atHome(request);
        await signing.rotate();
        return { body: shown() };
      },
    }),
    route({
      method: 'POST',
      path: `${path}/{kid}/revocation`,
      summary: 'Gives up a key at once; whoever holds a token of it logs on again',
      tags,
      access,
      params: { kid: KeyId },
      body: Reason,
      idempotencyKey: 'optional',
      command: revokeSigningKey.name,
      response: Type.Object({ kid: KeyId }),
      handle: async (request) => {
        atHome(request);
        const { kid } = request.params;
        const isKnown =
          handler.directory.revokedKeys.has(kid) ||
          signing.keysInUse().some((key) => key.kid === kid);
        if (!isKnown) throw refused('not-found', 'List the keys: it is none of them.');
        const input = { kid, ...request.body };
        const handled = await handler.handle(revokeSigningKey, input, contextOf(request));
        await signing.remove(kid);
        return done(handled);
      },
    }),
  ];
};
