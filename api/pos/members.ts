/**
 * /pos/v1/users/{userId}/members/: the people of one account. Its points are theirs together; each has data of their own, shown to
 * those who serve customers only, and cards of their own.
 */
import { type Static, Type } from '@sinclair/typebox';
import { appointHead } from '../../commands/household/appointHead.js';
import { nameRedeemers } from '../../commands/household/nameRedeemers.js';
import { AddMemberInput } from '../../commands/household/addMember.js';
import { CardNumber, MemberId, UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, merchantOf, mustServe, ofProgramme, tillsAnd } from '../auth/access.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import { Household, householdShown } from './household.js';
import { minPosition, reachPosition } from './reading.js';
import type { PosServices } from './services.js';

const tags = ['Households'] as const;
const ofUser = { userId: UserId } as const;
const ofMember = { userId: UserId, memberId: MemberId } as const;
const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');
const keepers = tillsAnd('owner', 'manager', 'cashier');
const closed = { additionalProperties: false } as const;
const Reason = Type.String({ minLength: 1, maxLength: 500, examples: ['moved out'] });
const CardsTo = Type.Unsafe<MemberId>({
  ...MemberId,
  description: 'The member whose the cards become; blocked where it is left out',
});
const refused = ['account-not-found', 'account-closed', 'member-not-found'] as const;

const AddMemberBody = Type.Omit(AddMemberInput, ['userId'], { ...closed, title: 'AddMemberBody' });

export const memberRoutes = (services: PosServices): readonly Route[] => {
  const { queries } = services;
  return [
    route({
      method: 'GET',
      path: '/pos/v1/users/{userId}/members/',
      summary: 'Everybody who is, or was, on an account',
      description: 'At most 12 are at a time, and 200 in the life of an account.',
      tags,
      access: readers,
      params: ofUser,
      query: minPosition,
      response: Household,
      problems: ['account-not-found'],
      handle: async ({ caller, params, query }) => {
        await reachPosition(queries, 'customers', query);
        const found = await queries.customer(caller.tenant, params);
        if (!found) throw rejected('account-not-found', { userId: params.userId });
        return { body: await householdShown(services, caller, found) };
      },
    }),
    ...joiningRoutes(services),
    ...leavingRoutes(services),
    ...orderRoutes(services),
  ];
};

const joiningRoutes = (services: PosServices): readonly Route[] => [
  route({
    method: 'POST',
    path: '/pos/v1/users/{userId}/members/',
    summary: 'Takes another person onto an account, with or without a card, a phone and an e-mail',
    description:
      'Phone and e-mail are unique in the programme and kept encrypted under a key of this person. Whoever has them already is found by them: with the same ones the same member is answered.',
    tags,
    access: keepers,
    params: ofUser,
    body: AddMemberBody,
    idempotencyKey: 'required',
    command: 'AddMember',
    status: 201,
    response: Recorded('AddedMember', {
      ...ofMember,
      cardNumber: Type.Union([CardNumber, Type.Null()]),
    }),
    problems: [
      'account-not-found',
      'account-closed',
      'invalid-contact',
      'contact-taken',
      'card-taken',
      'household-full',
      'foreign-merchant',
      'merchant-not-found',
    ],
    examples: {
      body: [
        {
          summary: 'Somebody with a card of their own',
          value: { name: 'Bob Smith', phone: '+442079460019', cardNumber: '2200000000093' },
        },
      ],
    },
    handle: async (request) => {
      const { caller, body, params } = request;
      const own = merchantOf(ofProgramme(caller));
      const { merchantId = own } = body;
      if (merchantId !== null) mustServe(caller, merchantId);
      const input = { ...body, ...params, merchantId };
      return recorded(await services.addMember(input, contextOf(request, undefined)));
    },
  }),
];

const leavingRoutes = (services: PosServices): readonly Route[] => [
  route({
    method: 'POST',
    path: '/pos/v1/users/{userId}/members/{memberId}/remove',
    summary: 'Lets a person leave an account; the points stay',
    description:
      'Their phone and e-mail become free, their cards are blocked or become another member’s. The head cannot be removed: appoint another first.',
    tags,
    access: keepers,
    params: ofMember,
    body: Type.Object(
      { reason: Reason, cardsTo: Type.Optional(CardsTo) },
      { ...closed, title: 'RemoveMemberBody' },
    ),
    idempotencyKey: 'optional',
    command: 'RemoveMember',
    response: Recorded('RemovedMember', ofMember),
    problems: [...refused, 'member-is-head'],
    examples: {
      body: [
        { summary: 'Their cards are blocked', value: { reason: 'moved out' } },
        { summary: 'Another member takes them', value: { reason: 'moved out', cardsTo: 1 } },
      ],
    },
    handle: async (request) => {
      const input = { ...request.body, ...request.params };
      return recorded(await services.removeMember(input, contextOf(request, undefined)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/pos/v1/users/{userId}/members/{memberId}',
    summary: 'Forgets a person: destroys the key of their data, for ever',
    description:
      'Who is on the account leaves it first; a head is followed by whoever has been there longest. Receipts and points stay with the account. With its last person the account ends, and everybody who was ever on it is erased.',
    tags,
    access: editorsOnly,
    params: ofMember,
    query: { reason: Type.Optional(Reason), cardsTo: Type.Optional(CardsTo) },
    idempotencyKey: 'optional',
    command: 'EraseMember',
    response: Recorded('ErasedMember', {
      ...ofMember,
      accountErased: Type.Boolean({ description: 'It was the last person on it' }),
    }),
    problems: ['account-not-found', 'member-not-found'],
    handle: async (request) => {
      const { reason = 'asked for by the member', cardsTo } = request.query;
      const input = { ...request.params, reason, ...(cardsTo && { cardsTo }) };
      return recorded(await services.eraseMember(input, contextOf(request, undefined)));
    },
  }),
];

const Redeemers = nameRedeemers.input.properties.redeemers;

const orderRoutes = ({ handler }: PosServices): readonly Route[] => [
  route({
    method: 'POST',
    path: '/pos/v1/users/{userId}/members/{memberId}/appoint',
    summary: 'Makes a member the head of the household',
    tags,
    access: keepers,
    params: ofMember,
    idempotencyKey: 'optional',
    command: appointHead.name,
    response: Recorded('AppointedHead', { userId: UserId, head: MemberId }),
    problems: refused,
    handle: async (request) =>
      recorded(await handler.handle(appointHead, request.params, contextOf(request, undefined))),
  }),
  route({
    method: 'PUT',
    path: '/pos/v1/users/{userId}/redeemers',
    summary: 'Says who of a household may pay with its points',
    description:
      'Everybody (`null`), or those who are named, besides the head. Where only some may, the till has to know who buys: by the card, or by `memberId` of the receipt.',
    tags,
    access: keepers,
    params: ofUser,
    body: Type.Object({ redeemers: Redeemers }, { ...closed, title: 'RedeemersBody' }),
    idempotencyKey: 'optional',
    command: nameRedeemers.name,
    response: Recorded('NamedRedeemers', { userId: UserId, redeemers: Redeemers }),
    problems: refused,
    examples: {
      body: [
        { summary: 'The head and one more', value: { redeemers: [2] } },
        { summary: 'Everybody', value: { redeemers: null } },
      ],
    },
    handle: async (request) => {
      const input = { ...request.params, ...request.body } as Static<typeof nameRedeemers.input>;
      return recorded(await handler.handle(nameRedeemers, input, contextOf(request, undefined)));
    },
  }),
];
