/** /admin/v1/partners: the companies of the exchange and the tokens of their programs. A token is in the first answer and nowhere else. */
import { type Static, Type } from '@sinclair/typebox';
import type { CredentialRecord } from '../../commands/exchange.js';
import { issueCredential } from '../../commands/partner/issueCredential.js';
import { presentPartner } from '../../commands/partner/present.js';
import { registerPartner } from '../../commands/partner/registerPartner.js';
import { revokeCredential } from '../../commands/partner/revokeCredential.js';
import { revokePartner } from '../../commands/partner/revokePartner.js';
import { CredentialId, PartnerId } from '../../domain/ids.js';
import { PartnerRoles } from '../../domain/partner/role.js';
import { editorsOnly, operatorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, created, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const Partner = Type.Object(
  { partnerId: PartnerId, name: Type.String(), status: Status },
  { title: 'Partner' },
);
export const Credential = Type.Object(
  {
    credentialId: CredentialId,
    label: Type.String(),
    roles: PartnerRoles,
    status: Status,
    issuedAt: Type.String({ format: 'date-time' }),
  },
  { title: 'PartnerCredential' },
);
export const IssuedCredential = Type.Object(
  {
    partnerId: PartnerId,
    credentialId: CredentialId,
    label: Type.String(),
    roles: PartnerRoles,
    clientId: Type.String({
      description:
        'For `POST /auth/token`; the client secret is what follows the last dot of the token',
    }),
    token: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'IssuedCredential' },
);

export const credentialShown = (record: CredentialRecord): Static<typeof Credential> => {
  const { credentialId, label, roles, status, issuedAt } = record;
  return {
    credentialId,
    label,
    roles: [...roles],
    status,
    issuedAt: new Date(issuedAt).toISOString(),
  };
};
const tags = ['Partners'] as const;

export const partnerRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/partners',
    summary: 'Lists the partners.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(Partner),
    handle: (request) => {
      const records = handler.directory.exchange.partners(wholeTenant(request).tenant);
      return {
        body: page(
          records,
          ({ partnerId }) => partnerId,
          request.query,
          (record) => record,
        ),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/partners',
    summary: 'Registers a partner.',
    tags,
    access: editorsOnly,
    body: registerPartner.input,
    idempotencyKey: 'optional',
    command: registerPartner.name,
    response: registerPartner.input,
    status: 201,
    problems: ['already-registered', 'revoked'],
    examples: {
      body: [{ summary: 'A car dealer', value: { partnerId: 'motor_house', name: 'Motor House' } }],
    },
    handle: async (request) => {
      wholeTenant(request);
      return created(await handler.handle(registerPartner, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/partners/{partnerId}/revocation',
    summary: 'Takes a partner out; all of its tokens stop at once.',
    tags,
    access: editorsOnly,
    params: { partnerId: PartnerId },
    response: Type.Object({ partnerId: PartnerId }),
    problems: ['partner-not-found'],
    command: revokePartner,
  }),
  route({
    method: 'GET',
    path: '/admin/v1/partners/{partnerId}/credentials',
    summary: 'Lists the tokens of a partner, without their secrets.',
    tags,
    access: operatorsOnly('owner', 'manager', 'auditor'),
    params: { partnerId: PartnerId },
    query: pageQuery,
    response: pageOf(Credential),
    problems: ['partner-not-found'],
    handle: (request) => {
      const { tenant } = wholeTenant(request);
      const { partnerId } = request.params;
      presentPartner(handler.directory, tenant, partnerId);
      const records = handler.directory.exchange.credentialsOf(tenant, partnerId);
      const idOf = ({ credentialId }: CredentialRecord) => credentialId;
      return { body: page(records, idOf, request.query, credentialShown) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/partners/{partnerId}/credentials',
    summary: 'Makes a token for a program of a partner, once: a repeat answers `token: null`.',
    tags,
    access: editorsOnly,
    params: { partnerId: PartnerId },
    body: Type.Omit(issueCredential.input, ['partnerId'], { title: 'PartnerCredentialBody' }),
    idempotencyKey: 'required',
    command: issueCredential.name,
    response: IssuedCredential,
    status: 201,
    problems: ['partner-not-found', 'revoked', 'too-many-credentials'],
    examples: { body: [{ summary: 'For one program', value: { label: 'production' } }] },
    handle: async (request) => {
      wholeTenant(request);
      const input = { ...request.params, ...request.body };
      return created(await handler.handle(issueCredential, input, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/partners/{partnerId}/credentials/{credentialId}/revocation',
    summary: 'Ends one token of a partner for ever.',
    tags,
    access: editorsOnly,
    params: { partnerId: PartnerId, credentialId: CredentialId },
    response: Type.Object({ partnerId: PartnerId, credentialId: CredentialId }),
    problems: ['partner-not-found', 'credential-not-found'],
    command: revokeCredential,
  }),
];
