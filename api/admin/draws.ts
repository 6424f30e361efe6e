/** /admin/v1/draws: prize draws that anyone can check. */
import { type Static, Type } from '@sinclair/typebox';
import { createAnnounceDraw } from '../../commands/draw/announceDraw.js';
import { cancelDraw, closeDraw, createDecideDraw } from '../../commands/draw/concludeDraw.js';
import { createEnterDraw } from '../../commands/draw/enterDraw.js';
import type { DrawRecord } from '../../commands/draws.js';
import {
  draw,
  DrawDecided,
  DrawEntered,
  DrawId,
  drawStream,
  DrawTerms,
  Participant,
} from '../../domain/draw/draw.js';
import { DrawProof, proofOf } from '../../domain/draw/proof.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { orNull } from '../wire.js';
import type { GameRoutes } from './games.js';
import { contextOf, created, done, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

const closed = { additionalProperties: false } as const;
const Instant = Type.String({ format: 'date-time', examples: ['2026-03-01T00:00:00Z'] });
/** As people write it: times as text. */
const Terms = Type.Object(
  { ...DrawTerms.properties, opens: Instant, closes: Instant },
  { ...closed, title: 'DrawTermsShown' },
);
const Status = Type.Union([
  Type.Literal('announced'),
  Type.Literal('closed'),
  Type.Literal('decided'),
  Type.Literal('cancelled'),
]);
const Draw = Type.Object(
  {
    drawId: DrawId,
    terms: Terms,
    seedHash: Type.String({ description: 'SHA-256 of the seed, hex: published before it opens' }),
    status: Status,
  },
  { title: 'Draw' },
);
const Concluded = Type.Object(
  {
    drawId: DrawId,
    status: Status,
    entriesHash: orNull(Type.String()),
    count: orNull(Type.Integer({ description: 'Lines of entries' })),
    entries: orNull(Type.Integer()),
    winners: DrawDecided.schema.properties.winners,
  },
  { title: 'ConcludedDraw' },
);
const { userId, entries, cause } = DrawEntered.schema.properties;

const iso = (at: number): string => new Date(at).toISOString();
const termsShown = ({ opens, closes, ...terms }: DrawTerms): Static<typeof Terms> => ({
  ...terms,
  opens: iso(opens),
  closes: iso(closes),
});
const shown = ({ drawId, terms, seedHash, status }: DrawRecord) => ({
  drawId,
  terms: termsShown(terms),
  seedHash,
  status,
});

const tags = ['Draws'] as const;
const params = { drawId: DrawId } as const;

const example = {
  summary: 'An entry for every 10.00 in March',
  value: {
    drawId: 'spring_draw',
    terms: {
      name: 'The spring draw',
      opens: '2026-03-01T00:00:00.000Z',
      closes: '2026-04-01T00:00:00.000Z',
      prizes: [
        { prize: 'a weekend in York', count: 1 },
        { prize: 'a hamper', count: 10 },
      ],
      purchases: { per: 1_000, most: 20 },
      beacon: 'The numbers of the national lottery of 4 April 2026',
    },
  },
};

export const drawRoutes = ({ handler, seeds }: GameRoutes): Route[] => {
  const announceDraw = createAnnounceDraw(seeds);
  const enterDraw = createEnterDraw(seeds);
  const decideDraw = createDecideDraw(seeds);
  return [
    route({
      method: 'GET',
      path: '/admin/v1/draws',
      summary: 'Lists the prize draws.',
      tags,
      access: readersOnly,
      query: pageQuery,
      response: pageOf(Draw),
      handle: ({ caller, query }) => ({
        body: page(
          handler.directory.draws.list(caller.tenant),
          ({ drawId }) => drawId,
          query,
          shown,
        ),
      }),
    }),
    route({
      method: 'POST',
      path: '/admin/v1/draws',
      summary: 'Announces a prize draw and publishes the hash of its seed.',
      tags,
      access: editorsOnly,
      body: Type.Object({ drawId: DrawId, terms: Terms }, { ...closed, title: 'AnnouncedDraw' }),
      idempotencyKey: 'optional',
      command: 'AnnounceDraw',
      response: Draw,
      status: 201,
      problems: [
        'already-registered',
        'draw-opened-before',
        'ends-before-it-begins',
        'prize-repeated',
        'too-many-prizes',
      ],
      examples: { body: [example] },
      handle: async (request) => {
        wholeTenant(request);
        const { drawId, terms } = request.body;
        const times = { opens: Date.parse(terms.opens), closes: Date.parse(terms.closes) };
        const input = { drawId, terms: { ...terms, ...times } };
        const handled = await handler.handle(announceDraw, input, contextOf(request));
        return created({ ...handled, answer: shown(handled.answer) });
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/draws/{drawId}',
      summary: 'Shows a prize draw.',
      tags,
      access: readersOnly,
      params,
      response: Draw,
      problems: ['draw-not-found'],
      handle: ({ caller, params: { drawId } }) => {
        const record = handler.directory.draws.get(caller.tenant, drawId);
        if (!record) throw rejected('draw-not-found', { drawId });
        return { body: shown(record) };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/draws/{drawId}/entries',
      summary: 'Enters a customer by hand; purchases enter by themselves where the terms say so.',
      description:
        '`cause` names what the entries are for (`hand:letter-17`): the same customer and cause enter once. The answer holds the pseudonym under which the customer finds the entries in the proof.',
      tags,
      access: editorsOnly,
      params,
      body: Type.Object({ userId, entries, cause }, { ...closed, title: 'DrawEntry' }),
      idempotencyKey: 'optional',
      command: 'EnterDraw',
      response: Type.Object({ drawId: DrawId, participant: Participant, entries, cause }),
      status: 201,
      problems: ['draw-not-found', 'draw-not-open', 'draw-full'],
      examples: {
        body: [
          {
            summary: 'A coupon sent in by post',
            value: { userId: '8018000010000000000000013', entries: 1, cause: 'hand:letter-17' },
          },
        ],
      },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return created(await handler.handle(enterDraw, input, contextOf(request)));
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/draws/{drawId}/closing',
      summary: 'Closes a draw and publishes the hash over its entries.',
      description:
        'A minute after its closing time at the earliest: the last receipts may be on their way.',
      tags,
      access: editorsOnly,
      params,
      idempotencyKey: 'optional',
      command: closeDraw.name,
      response: Concluded,
      problems: ['draw-not-found', 'draw-still-open', 'draw-over'],
      handle: async (request) => {
        wholeTenant(request);
        return done(await handler.handle(closeDraw, { ...request.params }, contextOf(request)));
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/draws/{drawId}/decision',
      summary: 'Reveals the seed of a closed draw and the winners that follow from it.',
      tags,
      access: editorsOnly,
      params,
      body: Type.Object(
        {
          beacon: Type.Optional(
            Type.String({
              minLength: 1,
              maxLength: 1_000,
              description: 'The public value, where the terms announced one',
              examples: ['3 11 17 28 41 46'],
            }),
          ),
        },
        { ...closed, title: 'DrawDecision' },
      ),
      idempotencyKey: 'optional',
      command: 'DecideDraw',
      response: Concluded,
      problems: ['draw-not-found', 'draw-still-open', 'draw-over', 'draw-beacon-missing'],
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...request.body };
        return done(await handler.handle(decideDraw, input, contextOf(request)));
      },
    }),
    stepRoute(handler, {
      path: '/admin/v1/draws/{drawId}/cancellation',
      summary: 'Cancels a draw that has not closed yet.',
      tags,
      access: editorsOnly,
      params,
      command: cancelDraw,
      response: Concluded,
      problems: ['draw-not-found', 'draw-over'],
    }),
    route({
      method: 'GET',
      path: '/admin/v1/draws/{drawId}/proof',
      summary:
        'The proof of a decided draw, to be published: `kopilka draw verify` reads nothing else.',
      description: 'No person is in it: customers find themselves by their pseudonym in the draw.',
      tags,
      access: readersOnly,
      params,
      response: DrawProof,
      problems: ['draw-not-found', 'draw-not-decided'],
      handle: async ({ caller, params: { drawId } }) => {
        const { tenant } = caller;
        return { body: proofOf(tenant, await handler.state(drawStream(tenant, drawId), draw)) };
      },
    }),
  ];
};
