/** /admin/v1/outreach/routing: the rules by which providers are chosen, and what they come to for a message that is not sent. */
import { type TSchema, Type } from '@sinclair/typebox';
import { setRouting } from '../../commands/routing/setRouting.js';
import { ProviderId } from '../../domain/ids.js';
import { RoutingDecision } from '../../domain/message/events.js';
import { Channel, MessageClass } from '../../domain/message/kinds.js';
import { Cost } from '../../domain/provider/events.js';
import { recalled } from '../../domain/routing/health.js';
import { route as choose } from '../../domain/routing/route.js';
import { RoutingRule, routingRulesMax } from '../../domain/routing/rules.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';

const tags = ['Outreach'] as const;
const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Rules = Type.Object(
  {
    version: Type.Integer({ minimum: 0, description: '0: none were set' }),
    rules: Type.Array(RoutingRule, { maxItems: routingRulesMax }),
  },
  { title: 'RoutingRules' },
);

const Question = Type.Object(
  {
    channel: Channel,
    class: MessageClass,
    destination: Type.Optional(
      Type.String({ maxLength: 254, description: 'A number or an address; only its way counts' }),
    ),
    providerId: Type.Optional(ProviderId),
    random: Type.Optional(
      Type.Number({ minimum: 0, exclusiveMaximum: 1, description: 'The draw; 0 unless told' }),
    ),
  },
  { additionalProperties: false, title: 'RoutingQuestion' },
);
const Answer = Type.Object(
  {
    chosen: orNull(ProviderId),
    reason: orNull(Type.String({ description: 'Where nobody was chosen' })),
    rule: orNull(Type.String()),
    version: Type.Integer(),
    candidates: RoutingDecision.properties.candidates,
    cost: orNull(Cost),
    until: orNull(Instant),
  },
  { title: 'RoutingAnswer' },
);

export const outreachRoutingRoutes = ({ handler }: Registry): Route[] => {
  const { carriers } = handler.directory;
  return [
    route({
      method: 'GET',
      path: '/admin/v1/outreach/routing',
      summary: 'Shows the rules by which providers are chosen.',
      tags,
      access: readersOnly,
      response: Rules,
      handle: (request) => {
        const { version, rules } = carriers.routing(wholeTenant(request).tenant);
        return { body: { version, rules: [...rules] } };
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/v1/outreach/routing',
      summary: 'Sets the rules by which providers are chosen, all of them at once.',
      description:
        'The first rule that fits a message by channel, class, prefix of its number or domain of its address decides. Without a rule the ' +
        'providers of the channel share equally. Decisions name the version that they were made by.',
      tags,
      access: editorsOnly,
      body: setRouting.input,
      idempotencyKey: 'optional',
      command: setRouting.name,
      response: Rules,
      problems: ['routing-changed', 'routing-wrong'],
      examples: {
        body: [
          {
            summary: 'Two providers share, a third stands by',
            value: {
              rules: [
                {
                  ruleId: 'sms_everywhere',
                  channel: 'sms',
                  by: 'weight',
                  providers: [
                    { providerId: 'sms_north', weight: 70 },
                    { providerId: 'sms_south', weight: 30 },
                    { providerId: 'sms_dear', weight: 0 },
                  ],
                },
              ],
            },
          },
        ],
      },
      handle: async (request) => {
        wholeTenant(request);
        const handled = await handler.handle(setRouting, request.body, contextOf(request));
        const { version, rules } = handled.answer;
        return done({ ...handled, answer: { version, rules: [...rules] } });
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/outreach/routing/decide',
      summary: 'Says who would carry a message now, and why; nothing is sent.',
      description:
        'With breakers and handicaps as they were last recorded, and room for everybody.',
      tags,
      access: readersOnly,
      body: Question,
      response: Answer,
      examples: {
        body: [
          {
            summary: 'A password for a phone',
            value: { channel: 'sms', class: 'otp', destination: '+77011234567' },
          },
        ],
      },
      handle: (request) => {
        const { tenant } = wholeTenant(request);
        const { channel, class: urgency, destination = '', providerId, random = 0 } = request.body;
        const providers = [...carriers.providers(tenant)];
        const rules = carriers.routing(tenant);
        const found = choose({
          channel,
          class: urgency,
          destination,
          rules,
          providers,
          random,
          health: new Map(providers.map((one) => [one.providerId, recalled(one)])),
          tried: [],
          now: request.now,
          ...(providerId === undefined ? {} : { pinned: providerId }),
        });
        if (found.kind === 'chosen') {
          const { chosen, rule, version, candidates } = found.decision;
          return {
            body: {
              chosen,
              reason: null,
              rule,
              version,
              candidates,
              cost: found.cost,
              until: null,
            },
          };
        }
        const { reason, rule, candidates, until } = found;
        return {
          body: {
            chosen: null,
            reason,
            rule,
            version: rules.version,
            cost: null,
            candidates: [...candidates],
            until: until === null ? null : instantOf(until),
          },
        };
      },
    }),
  ];
};
