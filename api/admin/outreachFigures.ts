/** /admin/v1/outreach/figures: how messages fared and what they cost, by day, class, channel, campaign, template, requester or provider. */
import { type Static, Type } from '@sinclair/typebox';
import { type CountMessages, type Figures, groupings } from '../../projections/messages/figures.js';
import { readersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { messageProblems } from '../outreach/messageQuery.js';
import { type Route, route } from '../route.js';
import { Instant, InstantOrNull, instantOf, instantOrNull, orNull } from '../wire.js';
import { wholeTenant } from './operatorCommand.js';

export interface OutreachFiguresRoutes {
  readonly countMessages: CountMessages;
}

const Counts = Type.Record(Type.String(), Type.Integer());

const Group = Type.Object(
  {
    key: orNull(Type.String({ description: 'Null: those without one' })),
    count: Type.Integer({ description: 'Messages; by provider attempts' }),
    statuses: Counts,
    reasons: Type.Record(Type.String(), Type.Integer(), {
      description:
        'Of what was suppressed, failed, expired or was not delivered; by provider the class of the error',
    }),
    segments: Type.Integer({ description: 'Of SMS' }),
    costs: Type.Array(Type.Object({ currency: Type.String(), micros: Type.Integer() }), {
      description: "Millionths of the currency's unit",
    }),
  },
  { title: 'OutreachGroup' },
);

const Answer = Type.Object(
  {
    by: Type.String(),
    from: Instant,
    to: Instant,
    items: Type.Array(Group),
    more: Type.Boolean({ description: 'There are more groups: ask for a shorter time' }),
    countedFrom: Type.Union(InstantOrNull.anyOf, {
      description: 'What is older is not counted any more; null: all is',
    }),
  },
  { title: 'OutreachFigures' },
);

const show = ({ costMicros, ...figures }: Figures): Static<typeof Group> => ({
  ...figures,
  statuses: { ...figures.statuses },
  reasons: { ...figures.reasons },
  costs: Object.entries(costMicros).map(([currency, micros]) => ({ currency, micros })),
});

const dayMs = 86_400_000;
const daysDefault = 7;
const daysMax = 366;
const deadlineMs = 5_000;

export const outreachFiguresRoutes = ({ countMessages }: OutreachFiguresRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/outreach/figures',
    summary: 'How messages fared and what they cost, in groups',
    description:
      'Of the last seven days unless told; at most of 366. By provider attempts are counted, otherwise messages.',
    tags: ['Outreach'],
    access: readersOnly,
    query: {
      by: Type.Optional(
        Type.Union(
          groupings.map((one) => Type.Literal(one)),
          { default: 'day' },
        ),
      ),
      from: Type.Optional(Type.String({ format: 'date-time' })),
      to: Type.Optional(Type.String({ format: 'date-time' })),
      limit: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 1_000, default: 400, description: 'Groups' }),
      ),
    },
    response: Answer,
    problems: messageProblems,
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { by = 'day', limit = 400 } = request.query;
      const to = request.query.to === undefined ? request.now : Date.parse(request.query.to);
      const from =
        request.query.from === undefined
          ? to - daysDefault * dayMs
          : Date.parse(request.query.from);
      if (from > to || to - from > daysMax * dayMs) {
        throw faulty('query', '/from', `must be before \`to\`, by at most ${daysMax} days`);
      }
      const asked = { tenant, by, from, to, limit, deadlineMs };
      const { groups, more, keptFrom } = await countMessages(asked);
      return {
        body: {
          by,
          more,
          from: instantOf(from),
          to: instantOf(to),
          items: groups.map(show),
          countedFrom: instantOrNull(keptFrom),
        },
      };
    },
  }),
];
