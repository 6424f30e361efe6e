/** /admin/v1/campaigns: what is written down of campaigns, and what is left of their budgets. */
import { Type } from '@sinclair/typebox';
import { budgetShown } from '../../commands/campaign/budgetShown.js';
import { faultsIn } from '../../commands/campaign/content.js';
import { draftCampaign } from '../../commands/campaign/draftCampaign.js';
import { draftVersion } from '../../commands/campaign/draftVersion.js';
import { reviseCampaign } from '../../commands/campaign/reviseCampaign.js';
import { statusAt } from '../../domain/campaign/status.js';
import { Money, Points } from '../../domain/amount.js';
import type { TenantId } from '../../domain/ids.js';
import { MerchantId } from '../../domain/ids.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { rejected } from '../../domain/rejected.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { commandInput } from '../input.js';
import { type Route, route } from '../route.js';
import { contentExamples, draftExamples } from './campaignExamples.js';
import {
  CampaignContent,
  CampaignShown,
  campaignShown,
  CampaignVersion,
  contentShown,
  Status,
} from './campaignShapes.js';
import {
  contextOf,
  created,
  done,
  forMerchant,
  type Registry,
  wholeTenant,
} from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';

const tags = ['Campaigns'] as const;
const version = Type.Integer({ minimum: 1 });
const Written = Type.Object({ campaignId: CampaignId, version }, { title: 'CampaignWritten' });
const WrittenBody = Type.Object(
  { campaign: CampaignContent },
  { additionalProperties: false, title: 'CampaignBody' },
);
const NewBody = Type.Object(
  { campaignId: CampaignId, campaign: CampaignContent },
  { additionalProperties: false, title: 'NewCampaignBody' },
);
const Uses = Type.Integer({ minimum: 0 });
const given = { amount: Money, points: Points, uses: Uses } as const;
const versionExample = [
  { summary: 'A better offer', value: { campaign: contentExamples.thirdFree } },
];

export const campaignRoutes = ({ handler }: Registry): Route[] => {
  const { directory } = handler;
  const lifeOf = (tenant: TenantId, campaignId: CampaignId) => {
    const life = directory.campaigns.life(tenant, campaignId);
    if (!life) throw rejected('campaign-not-found');
    return life;
  };
  return [
    route({
      method: 'GET',
      path: '/admin/v1/campaigns',
      summary: 'Lists the campaigns of the programme.',
      tags,
      access: readersOnly,
      query: {
        status: Type.Optional(Status),
        search: Type.Optional(
          Type.String({ maxLength: 100, description: 'Part of the id or the name' }),
        ),
        ...pageQuery,
      },
      response: pageOf(CampaignShown),
      handle: ({ caller: { tenant }, query, now }) => {
        const wanted = query.search?.toLowerCase() ?? '';
        const found = [...directory.campaigns.all(tenant)].filter(
          ([id, life]) =>
            (query.status === undefined || statusAt(life, now) === query.status) &&
            `${id}\n${contentShown(life, now).name}`.toLowerCase().includes(wanted),
        );
        const body = page(
          found,
          ([id]) => id,
          query,
          ([id, life]) => campaignShown(id, life, now),
        );
        return { body };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/campaigns',
      summary: 'Writes down a campaign. It holds for nobody until it is scheduled or activated.',
      description:
        'Every fault is named by its place; `GET /admin/v1/campaign-kinds` says what there is.',
      tags,
      access: editorsOnly,
      body: NewBody,
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: draftCampaign.name,
      response: Written,
      status: 201,
      problems: ['already-registered', 'too-many-campaigns'],
      examples: { body: draftExamples },
      handle: async (request) => {
        wholeTenant(request);
        const input = commandInput({}, request.body) as typeof request.body;
        return created(await handler.handle(draftCampaign, input as never, contextOf(request)));
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/campaign-validation',
      summary: 'Says what is wrong with a campaign, and writes nothing down.',
      tags,
      access: readersOnly,
      body: Type.Object(
        { campaign: Type.Unknown({ description: 'As it would be drafted' }) },
        { additionalProperties: false, title: 'CampaignValidationBody' },
      ),
      response: Type.Object(
        {
          valid: Type.Boolean(),
          faults: Type.Array(
            Type.Object({
              pointer: Type.String({ description: 'JSON pointer into the campaign' }),
              reason: Type.String(),
            }),
          ),
        },
        { title: 'CampaignValidation' },
      ),
      examples: {
        body: [
          { summary: 'Nothing wrong', value: { campaign: contentExamples.doublePoints } },
          {
            summary: 'A reward that there is not',
            value: { campaign: { name: 'x', priority: 1, rewards: [{ kind: 'free-lunch' }] } },
          },
        ],
      },
      handle: ({ body }) => {
        const faults = faultsIn('unnamed' as CampaignId, body.campaign);
        return { body: { valid: faults.length === 0, faults: [...faults] } };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/campaigns/{campaignId}',
      summary: 'Shows how a campaign stands, and the version that holds or is to hold.',
      tags,
      access: readersOnly,
      params: { campaignId: CampaignId },
      response: Type.Object(
        { ...CampaignShown.properties, campaign: CampaignVersion },
        { title: 'CampaignInFull' },
      ),
      problems: ['campaign-not-found'],
      handle: ({ caller: { tenant }, params: { campaignId }, now }) => {
        const life = lifeOf(tenant, campaignId);
        const shown = campaignShown(campaignId, life, now);
        return { body: { ...shown, campaign: contentShown(life, now) } };
      },
    }),
    route({
      method: 'PUT',
      path: '/admin/v1/campaigns/{campaignId}/draft',
      summary: 'Writes the draft anew, as a whole; it has to be submitted and approved again.',
      tags,
      access: editorsOnly,
      params: { campaignId: CampaignId },
      body: WrittenBody,
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: reviseCampaign.name,
      response: Written,
      problems: ['campaign-not-found', 'campaign-ended', 'no-draft'],
      examples: { body: versionExample },
      handle: async (request) => {
        wholeTenant(request);
        const input = commandInput(request.params, request.body);
        return done(await handler.handle(reviseCampaign, input as never, contextOf(request)));
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/campaigns/{campaignId}/versions',
      summary: 'Lists the versions of a campaign, as they were written down.',
      tags,
      access: readersOnly,
      params: { campaignId: CampaignId },
      query: pageQuery,
      response: pageOf(CampaignVersion),
      problems: ['campaign-not-found'],
      handle: ({ caller: { tenant }, params: { campaignId }, query }) => {
        const { contents } = lifeOf(tenant, campaignId);
        const show = (one: (typeof contents)[number]) => one;
        return { body: page(contents, (one) => one.version, query, show) };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/campaigns/{campaignId}/versions',
      summary: 'Writes down the next version. Those that hold go on until it is released.',
      tags,
      access: editorsOnly,
      params: { campaignId: CampaignId },
      body: WrittenBody,
      checkedBy: 'command',
      idempotencyKey: 'optional',
      command: draftVersion.name,
      response: Written,
      status: 201,
      problems: ['campaign-not-found', 'campaign-ended', 'draft-open', 'too-many-versions'],
      examples: { body: versionExample },
      handle: async (request) => {
        wholeTenant(request);
        const input = commandInput(request.params, request.body);
        return created(await handler.handle(draftVersion, input as never, contextOf(request)));
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/campaigns/{campaignId}/versions/{version}',
      summary: 'Shows one version of a campaign: a receipt says which one decided it.',
      tags,
      access: readersOnly,
      params: { campaignId: CampaignId, version },
      response: CampaignVersion,
      problems: ['campaign-not-found', 'version-not-found'],
      handle: ({ caller: { tenant }, params }) => {
        const body = lifeOf(tenant, params.campaignId).contents[params.version - 1];
        if (!body) throw rejected('version-not-found', { version: params.version });
        return { body };
      },
    }),
    route({
      method: 'GET',
      path: '/admin/v1/campaigns/{campaignId}/budget',
      summary: 'Shows what a campaign gave, and what is left of its budgets at this moment.',
      description:
        'What is left of budgets of each merchant is told where a merchant is named; a day is the merchant’s, or that of UTC.',
      tags,
      access: readersOnly,
      params: { campaignId: CampaignId },
      query: { merchantId: Type.Optional(MerchantId) },
      response: Type.Object(
        {
          charged: Type.Object(given),
          reserved: Type.Object(given),
          remaining: Type.Object({
            amount: Type.Optional(Money),
            points: Type.Optional(Points),
            uses: Type.Optional(Uses),
          }),
        },
        { title: 'CampaignBudget' },
      ),
      problems: ['campaign-not-found', 'merchant-not-found'],
      handle: async (request) => {
        const { merchantId } = request.query;
        if (merchantId !== undefined) forMerchant(request, merchantId);
        const { caller, params, now } = request;
        const { charged, reserved, remaining } = await budgetShown(
          ...([handler, caller.tenant, params.campaignId, merchantId ?? null, now] as const),
        );
        return { body: { charged: { ...charged }, reserved: { ...reserved }, remaining } };
      },
    }),
  ];
};
