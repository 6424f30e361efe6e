/** /admin/v1/campaign-rules: who approves campaigns, and what all of them together may take off a receipt. */
import { Type } from '@sinclair/typebox';
import { setCampaignRules } from '../../commands/campaign/setCampaignRules.js';
import { CampaignRules } from '../../domain/campaign/rules.js';
import { operatorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';

const InForce = Type.Object(
  {
    version: Type.Integer({ minimum: 0, description: '0 before the programme set its own' }),
    rules: CampaignRules,
  },
  { title: 'CampaignRulesInForce' },
);

export const campaignRulesRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/campaign-rules',
    summary: 'Shows who approves campaigns and what all of them may take off.',
    tags: ['Campaigns'],
    access: readersOnly,
    response: InForce,
    handle: ({ caller }) => {
      const { version, rules } = handler.directory.campaigns.rules(caller.tenant);
      return { body: { version, rules } };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/campaign-rules',
    summary:
      'Sets who approves campaigns and what all of them may take off. Receipts of the past keep theirs.',
    tags: ['Campaigns'],
    access: operatorsOnly('owner'),
    body: setCampaignRules.input,
    idempotencyKey: 'optional',
    command: setCampaignRules.name,
    response: InForce,
    examples: {
      body: [
        {
          summary: 'Four eyes, and at most 30 % off a receipt',
          value: {
            rules: { approval: 'fourEyes', caps: { perReceipt: { basisPoints: 3_000 } } },
          },
        },
      ],
    },
    handle: async (request) => {
      wholeTenant(request);
      return done(await handler.handle(setCampaignRules, request.body, contextOf(request)));
    },
  }),
];
