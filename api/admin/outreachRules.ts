/** /admin/v1/outreach/rules: quiet hours, caps, which classes ask first, and the language that is spoken where none is known. */
import { Type } from '@sinclair/typebox';
import { setOutreachRules } from '../../commands/consent/setOutreachRules.js';
import { OutreachRules } from '../../domain/consent/rules.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';

const InForce = Type.Object(
  {
    version: Type.Integer({ minimum: 0, description: '0 before the programme set its own' }),
    rules: OutreachRules,
  },
  { title: 'OutreachRulesInForce' },
);
const tags = ['Outreach'] as const;

const example = {
  quietHours: { from: '21:00', to: '09:00' },
  timeZone: 'Europe/Riga',
  caps: [
    { channel: null, perSeconds: 604_800, max: 3 },
    { channel: 'sms', perSeconds: 86_400, max: 1 },
  ],
  askFirst: { service: false, marketing: true },
  defaultLocale: 'en',
  laneCount: 1,
};

export const outreachRulesRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/outreach/rules',
    summary: 'Shows how the programme treats those it writes to.',
    tags,
    access: readersOnly,
    response: InForce,
    handle: (request) => {
      const { version, rules } = handler.directory.outreach.rules(wholeTenant(request).tenant);
      return { body: { version, rules } };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/outreach/rules',
    summary: 'Sets how the programme treats those it writes to.',
    description:
      'Messages on their way obey them as well: what holds is asked when one is sent. One-time passwords and transactional messages obey neither hours nor caps.',
    tags,
    access: editorsOnly,
    body: OutreachRules,
    idempotencyKey: 'optional',
    command: setOutreachRules.name,
    response: InForce,
    problems: ['outreach-rules-wrong'],
    examples: {
      body: [{ summary: 'Quiet at night, three advertisements a week', value: example }],
    },
    handle: async (request) => {
      wholeTenant(request);
      const input = { rules: request.body };
      return done(await handler.handle(setOutreachRules, input, contextOf(request)));
    },
  }),
];
