/**
 * The people of a partner, kept by its own administrators (/exchange/v1/users) or by operators (/admin/v1/partners/…/users): the
 * same routes twice, which differ in who may use them and in how they know which partner it is.
 */
import { type Static, type TProperties, Type } from '@sinclair/typebox';
import { blockUser, unblockUser } from '../../commands/partnerUser/blockUser.js';
import { InviteUserInput, inviteUserCommand } from '../../commands/partnerUser/inviteUser.js';
import { issueReset } from '../../commands/partnerUser/issueReset.js';
import { openPerson } from '../../commands/partnerUser/person.js';
import { presentPartnerUser } from '../../commands/partnerUser/present.js';
import { removeUserCommand } from '../../commands/partnerUser/removeUser.js';
import { setRoles } from '../../commands/partnerUser/setRoles.js';
import type { PartnerUserRecord } from '../../commands/partnerUsers.js';
import { type PartnerId, PartnerUserId, type TenantId } from '../../domain/ids.js';
import { orderedRoles, PartnerRoles } from '../../domain/partner/role.js';
import { created, done } from '../admin/operatorCommand.js';
import { pageOf, page, pageQuery } from '../admin/paging.js';
import { Reason } from '../admin/revocation.js';
import type { Access } from '../auth/access.js';
import { contextOf } from '../commandContext.js';
import { refused } from '../refused.js';
import { type ApiRequest, type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import type { UserServices } from './services.js';

type AnyRequest = ApiRequest<unknown, unknown, unknown>;

export interface UserSide {
  /** `/exchange/v1` */
  readonly prefix: string;
  readonly tag: string;
  readonly params: TProperties;
  readonly toLook: Access;
  readonly toChange: Access;
  readonly partnerOf: (request: AnyRequest) => { tenant: TenantId; partnerId: PartnerId };
}

const Status = Type.Union(
  [Type.Literal('invited'), Type.Literal('active'), Type.Literal('blocked')],
  { description: 'invited: there is a code to set a password with, and none is set' },
);
const User = Type.Object(
  {
    userId: PartnerUserId,
    name: Type.String(),
    email: Type.String(),
    roles: PartnerRoles,
    status: Status,
    invitedAt: Instant,
  },
  { title: 'PartnerUser' },
);
const Code = Type.Object(
  {
    userId: PartnerUserId,
    code: Type.Union([Type.String(), Type.Null()], {
      description: 'For `POST /auth/password`, in this one answer; null for a repeat',
    }),
  },
  { title: 'PartnerUserCode' },
);
const Acknowledged = Type.Object({ userId: PartnerUserId });
const Roles = Type.Object({ roles: PartnerRoles }, { additionalProperties: false });
const pageLimit = { minimum: 1, maximum: 100, default: 50, description: 'At most so many' };

const statusOf = ({ isBlocked, passwordHash }: PartnerUserRecord): Static<typeof Status> => {
  if (isBlocked) return 'blocked';
  return passwordHash === null ? 'invited' : 'active';
};

/** Whoever looks after the users cannot end up locked out by a slip: another one has to do it. */
const notThemself = ({ caller }: AnyRequest, partnerUserId: PartnerUserId): void => {
  if (caller.kind !== 'partner' || caller.userId !== partnerUserId) return;
  throw refused('forbidden', 'Ask another administrator, or the operators.');
};

export const userRoutes = (services: UserServices, side: UserSide): Route[] => {
  const { handler, personalData } = services;
  const { prefix, params, toLook, toChange, partnerOf } = side;
  const users = `${prefix}/users`;
  const one = `${users}/{partnerUserId}`;
  const tags = [side.tag] as const;
  const ofOne = { ...params, partnerUserId: PartnerUserId };
  const problems = ['partner-user-not-found'] as const;
  const idOf = ({ params: given }: AnyRequest): PartnerUserId =>
    (given as { readonly partnerUserId: PartnerUserId }).partnerUserId;
  const targetOf = (request: AnyRequest) => {
    const { partnerId } = partnerOf(request);
    return { partnerId, partnerUserId: idOf(request) };
  };
  const show = async (tenant: TenantId, user: PartnerUserRecord): Promise<Static<typeof User>> => {
    const person = await openPerson(personalData, tenant, user);
    return {
      userId: user.partnerUserId,
      name: person?.name ?? '',
      email: person?.email ?? '',
      roles: orderedRoles(user.roles),
      status: statusOf(user),
      invitedAt: instantOf(user.invitedAt),
    };
  };

  return [
    route({
      method: 'GET',
      path: users,
      summary: 'Lists the users of a partner',
      tags,
      access: toLook,
      params,
      query: { ...pageQuery, limit: Type.Optional(Type.Integer(pageLimit)) },
      response: pageOf(User),
      handle: async (request) => {
        const { tenant, partnerId } = partnerOf(request);
        const records = handler.directory.partnerUsers.usersOf(tenant, partnerId);
        const query = { limit: 50, ...request.query };
        const showing = page(
          records,
          ({ partnerUserId }) => partnerUserId,
          query,
          (user) => show(tenant, user),
        );
        return { body: { items: await Promise.all(showing.items), next: showing.next } };
      },
    }),
    route({
      method: 'POST',
      path: users,
      summary: 'Invites a person; the answer has the code that sets their password, once',
      description: 'Hand the code to them: it is good for a week and for one use.',
      tags,
      access: toChange,
      params,
      body: Type.Omit(InviteUserInput, ['partnerId'], { title: 'PartnerUserInvitation' }),
      idempotencyKey: 'required',
      command: inviteUserCommand.name,
      response: Type.Composite([Code, Roles], { title: 'PartnerUserInvited' }),
      status: 201,
      problems: ['already-registered', 'invalid-contact', 'too-many-partner-users'],
      examples: {
        body: [
          {
            summary: 'Who pulls and searches',
            value: { name: 'Anna Weber', email: 'anna.weber@citybank.example', roles: ['reader'] },
          },
        ],
      },
      handle: async (request) => {
        const { partnerId } = partnerOf(request);
        const input = { ...request.body, partnerId };
        const handled = await services.inviteUser(input, contextOf(request, undefined));
        const { partnerUserId: userId, ...rest } = handled.answer;
        return created({ ...handled, answer: { userId, ...rest } });
      },
    }),
    route({
      method: 'GET',
      path: one,
      summary: 'Shows a user of a partner',
      tags,
      access: toLook,
      params: ofOne,
      response: User,
      problems,
      handle: async (request) => {
        const { tenant, partnerId } = partnerOf(request);
        const user = presentPartnerUser(handler.directory, tenant, partnerId, idOf(request));
        return { body: await show(tenant, user) };
      },
    }),
    route({
      method: 'PUT',
      path: `${one}/roles`,
      summary: 'Says anew what a user may do',
      tags,
      access: toChange,
      params: ofOne,
      body: Roles,
      idempotencyKey: 'optional',
      command: setRoles.name,
      response: Type.Composite([Acknowledged, Roles]),
      problems,
      handle: async (request) => {
        notThemself(request, idOf(request));
        const input = { ...targetOf(request), ...request.body };
        const handled = await handler.handle(setRoles, input, contextOf(request, undefined));
        const { partnerUserId: userId, roles } = handled.answer;
        return done({ ...handled, answer: { userId, roles } });
      },
    }),
    route({
      method: 'POST',
      path: `${one}/reset`,
      summary: 'Ends a password and every session; the answer has the code for another, once',
      tags,
      access: toChange,
      params: ofOne,
      idempotencyKey: 'required',
      command: issueReset.name,
      response: Code,
      problems,
      handle: async (request) => {
        const context = contextOf(request, undefined);
        const handled = await handler.handle(issueReset, targetOf(request), context);
        const { partnerUserId: userId, code } = handled.answer;
        return done({ ...handled, answer: { userId, code } });
      },
    }),
    route({
      method: 'POST',
      path: `${one}/block`,
      summary: 'Keeps a user out; all of their tokens stop at once',
      tags,
      access: toChange,
      params: ofOne,
      body: Reason,
      idempotencyKey: 'optional',
      command: blockUser.name,
      response: Acknowledged,
      problems,
      handle: async (request) => {
        notThemself(request, idOf(request));
        const input = { ...targetOf(request), ...request.body };
        const handled = await handler.handle(blockUser, input, contextOf(request, undefined));
        return done({ ...handled, answer: { userId: handled.answer.partnerUserId } });
      },
    }),
    route({
      method: 'POST',
      path: `${one}/unblock`,
      summary: 'Lets a blocked user log on again',
      tags,
      access: toChange,
      params: ofOne,
      idempotencyKey: 'optional',
      command: unblockUser.name,
      response: Acknowledged,
      problems,
      handle: async (request) => {
        const context = contextOf(request, undefined);
        const handled = await handler.handle(unblockUser, targetOf(request), context);
        return done({ ...handled, answer: { userId: handled.answer.partnerUserId } });
      },
    }),
    route({
      method: 'POST',
      path: `${one}/removal`,
      summary: 'Removes a user, and destroys the key of their personal data',
      tags,
      access: toChange,
      params: ofOne,
      body: Reason,
      idempotencyKey: 'optional',
      command: removeUserCommand.name,
      response: Acknowledged,
      problems,
      handle: async (request) => {
        notThemself(request, idOf(request));
        const input = { ...targetOf(request), ...request.body };
        const handled = await services.removeUser(input, contextOf(request, undefined));
        return done({ ...handled, answer: { userId: handled.answer.partnerUserId } });
      },
    }),
  ];
};
