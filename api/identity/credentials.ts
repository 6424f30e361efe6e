/** /exchange/v1/credentials: the programs of a partner, kept by its own administrators as operators keep them under /admin/v1. */
import { Type } from '@sinclair/typebox';
import { issueCredential } from '../../commands/partner/issueCredential.js';
import { revokeCredential } from '../../commands/partner/revokeCredential.js';
import { CredentialId } from '../../domain/ids.js';
import { created, done, type Registry } from '../admin/operatorCommand.js';
import { page, pageOf, pageQuery } from '../admin/paging.js';
import { Credential, credentialShown, IssuedCredential } from '../admin/partners.js';
import { Reason } from '../admin/revocation.js';
import { actingPartner, partnerAdministratorsOnly } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { type Route, route } from '../route.js';

const path = '/exchange/v1/credentials';
const tags = ['Users and programs'] as const;
const access = partnerAdministratorsOnly;

export const credentialRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path,
    summary: "Lists the tokens of the partner's programs, without their secrets",
    tags,
    access,
    query: pageQuery,
    response: pageOf(Credential),
    handle: ({ caller, query }) => {
      const { tenant, partnerId } = actingPartner(caller);
      const records = handler.directory.exchange.credentialsOf(tenant, partnerId);
      return { body: page(records, ({ credentialId }) => credentialId, query, credentialShown) };
    },
  }),
  route({
    method: 'POST',
    path,
    summary: 'Makes a token for a program, once: a repeat answers `token: null`',
    tags,
    access,
    body: Type.Omit(issueCredential.input, ['partnerId'], { title: 'CredentialBody' }),
    idempotencyKey: 'required',
    command: issueCredential.name,
    response: IssuedCredential,
    status: 201,
    problems: ['too-many-credentials'],
    examples: {
      body: [
        { summary: 'A program that publishes', value: { label: 'shop', roles: ['publisher'] } },
      ],
    },
    handle: async (request) => {
      const { partnerId } = actingPartner(request.caller);
      const input = { ...request.body, partnerId };
      const context = contextOf(request, undefined);
      return created(await handler.handle(issueCredential, input, context));
    },
  }),
  route({
    method: 'POST',
    path: `${path}/{credentialId}/revocation`,
    summary: 'Ends one token for ever, and every JWT that was got with it',
    tags,
    access,
    params: { credentialId: CredentialId },
    body: Reason,
    idempotencyKey: 'optional',
    command: revokeCredential.name,
    response: Type.Object({ credentialId: CredentialId }),
    problems: ['credential-not-found'],
    handle: async (request) => {
      const { partnerId } = actingPartner(request.caller);
      const { credentialId } = request.params;
      const input = { partnerId, credentialId, ...request.body };
      const context = contextOf(request, undefined);
      const handled = await handler.handle(revokeCredential, input, context);
      return done({ ...handled, answer: { credentialId } });
    },
  }),
];
