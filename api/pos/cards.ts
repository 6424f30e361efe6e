/**
 * /pos/v1/cards/: which cards there are, whose, and whether they work. Blocking and replacing name the card; whose it is says the
 * card's own stream, which is never stale.
 */
import { type Static, Type } from '@sinclair/typebox';
import { blockCard } from '../../commands/customer/blockCard.js';
import { handOverCard } from '../../commands/household/handOverCard.js';
import { issueCard } from '../../commands/customer/issueCard.js';
import { replaceCard } from '../../commands/customer/replaceCard.js';
import { card, cardStream } from '../../domain/card/card.js';
import { CardNumber, MemberId, type TenantId, UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { tillsAnd } from '../auth/access.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { route, type Route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import type { CardView } from './queries.js';
import { listQuery, minPosition, Page, pageRequest, pageShown, reachPosition } from './reading.js';
import type { PosServices } from './services.js';

const status = Type.Union(
  [Type.Literal('active'), Type.Literal('blocked'), Type.Literal('replaced')],
  { description: 'Only an active one works' },
);
/** Only where several people are, or were, on the account. */
const ofHousehold = {
  memberId: Type.Optional(
    Type.Unsafe<MemberId>({ ...MemberId, description: 'Of a household: whose card it is' }),
  ),
} as const;
const Card = Type.Object(
  {
    cardNumber: CardNumber,
    userId: UserId,
    status,
    replacedBy: Type.Union([CardNumber, Type.Null()]),
    ...ofHousehold,
    issuedAt: Instant,
  },
  { title: 'Card' },
);
const ofCard = { cardId: CardNumber } as const;
const Reason = Type.String({ minLength: 1, maxLength: 500, examples: ['lost'] });
const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');
const keepers = tillsAnd('owner', 'manager', 'cashier');
const refusedByAccount = ['account-not-found', 'account-closed', 'card-not-found'] as const;

const shown = (view: CardView): Static<typeof Card> => ({
  cardNumber: view.cardNumber as CardNumber,
  userId: view.userId as UserId,
  status: view.status,
  replacedBy: view.replacedBy as CardNumber | null,
  ...(view.memberId !== null && { memberId: view.memberId as MemberId }),
  issuedAt: instantOf(view.issuedAt),
});

export const cardRoutes = (services: PosServices): readonly Route[] => {
  const { queries } = services;
  return [
    route({
      method: 'GET',
      path: '/pos/v1/cards/',
      summary: 'Lists cards, all or those of a customer',
      description: 'With `userId` all of that customer, in the order they were issued.',
      tags: ['Cards'],
      access: readers,
      query: { userId: Type.Optional(UserId), ...listQuery, ...minPosition },
      response: Page('Cards', Card),
      handle: async ({ caller, query }) => {
        await reachPosition(queries, 'customers', query);
        if (query.userId !== undefined) {
          const cards = await queries.cardsOf(caller.tenant, query.userId);
          return { body: { items: cards.map(shown), next: null } };
        }
        return { body: await pageShown(queries.cards(caller.tenant, pageRequest(query)), shown) };
      },
    }),
    route({
      method: 'GET',
      path: '/pos/v1/cards/{cardId}',
      summary: 'One card and whose it is',
      tags: ['Cards'],
      access: readers,
      params: ofCard,
      query: minPosition,
      response: Card,
      problems: ['card-not-found'],
      handle: async ({ caller, params, query }) => {
        await reachPosition(queries, 'customers', query);
        const found = await queries.card(caller.tenant, params.cardId);
        if (!found) throw rejected('card-not-found', { cardNumber: params.cardId });
        return { body: shown(found) };
      },
    }),
    ...cardCommandRoutes(services),
  ];
};

const cardCommandRoutes = ({ handler }: PosServices): readonly Route[] => {
  const ownerOf = async (tenant: TenantId, cardNumber: CardNumber): Promise<UserId> => {
    const state = await handler.state(cardStream(tenant, cardNumber), card);
    if (state.status === 'free') throw rejected('card-not-found', { cardNumber });
    return state.userId;
  };

  return [
    route({
      method: 'POST',
      path: '/pos/v1/cards/',
      summary: 'Gives a customer a card, under the number they bring or a new one',
      tags: ['Cards'],
      access: keepers,
      body: issueCard.input,
      checkedBy: 'command',
      idempotencyKey: 'required',
      command: issueCard.name,
      status: 201,
      response: Recorded('IssuedCard', { userId: UserId, cardNumber: CardNumber, ...ofHousehold }),
      problems: [...refusedByAccount, 'card-taken', 'card-blocked', 'member-not-found'],
      examples: {
        body: [
          {
            summary: 'A card that lies on the counter',
            value: { userId: '8018000000000000000000017', cardNumber: '2200000000079' },
          },
          {
            summary: 'For a member of a household',
            value: { userId: '8018000000000000000000017', memberId: 2 },
          },
        ],
      },
      handle: async (request) =>
        recorded(await handler.handle(issueCard, request.body, contextOf(request, undefined))),
    }),
    route({
      method: 'POST',
      path: '/pos/v1/cards/{cardId}/block',
      summary: 'Stops a card; the points stay with the customer',
      tags: ['Cards'],
      access: keepers,
      params: ofCard,
      body: Type.Object(
        { reason: Reason },
        { additionalProperties: false, title: 'BlockCardBody' },
      ),
      idempotencyKey: 'optional',
      command: blockCard.name,
      response: Recorded('BlockedCard', { userId: UserId, cardNumber: CardNumber, status }),
      problems: refusedByAccount,
      examples: { body: [{ summary: 'Lost', value: { reason: 'lost' } }] },
      handle: async (request) => {
        const { caller, params, body } = request;
        const userId = await ownerOf(caller.tenant, params.cardId);
        const input = { userId, cardNumber: params.cardId, reason: body.reason };
        return recorded(await handler.handle(blockCard, input, contextOf(request, undefined)));
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/cards/{cardId}/replace',
      summary: 'Puts another card in the place of one, under a number that is brought or a new one',
      tags: ['Cards'],
      access: keepers,
      params: ofCard,
      body: Type.Object(
        {
          replacement: Type.Optional(CardNumber),
          memberId: Type.Optional(MemberId),
          reason: Reason,
        },
        { additionalProperties: false, title: 'ReplaceCardBody' },
      ),
      idempotencyKey: 'required',
      command: replaceCard.name,
      response: Recorded('ReplacedCard', {
        userId: UserId,
        cardNumber: CardNumber,
        replacement: CardNumber,
        ...ofHousehold,
      }),
      problems: [...refusedByAccount, 'card-taken', 'card-blocked', 'member-not-found'],
      examples: {
        body: [
          { summary: 'Worn out', value: { replacement: '2200000000086', reason: 'worn out' } },
        ],
      },
      handle: async (request) => {
        const { caller, params, body } = request;
        const userId = await ownerOf(caller.tenant, params.cardId);
        const input = { userId, cardNumber: params.cardId, ...body };
        return recorded(await handler.handle(replaceCard, input, contextOf(request, undefined)));
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/cards/{cardId}/hand-over',
      summary: 'Makes a card another member’s of the same household; it works on',
      tags: ['Cards'],
      access: keepers,
      params: ofCard,
      body: Type.Object(
        { memberId: MemberId },
        { additionalProperties: false, title: 'HandOverCardBody' },
      ),
      idempotencyKey: 'optional',
      command: handOverCard.name,
      response: Recorded('HandedOverCard', handOverCard.input.properties),
      problems: [...refusedByAccount, 'card-blocked', 'member-not-found'],
      examples: { body: [{ summary: 'To the second member', value: { memberId: 2 } }] },
      handle: async (request) => {
        const { caller, params, body } = request;
        const userId = await ownerOf(caller.tenant, params.cardId);
        const input = { userId, cardNumber: params.cardId, ...body };
        return recorded(await handler.handle(handOverCard, input, contextOf(request, undefined)));
      },
    }),
  ];
};
