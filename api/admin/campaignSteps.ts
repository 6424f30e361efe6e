/** /admin/v1/campaigns/{campaignId}/…: the steps of a campaign's life, from submission to its end. */
import { type TObject, Type } from '@sinclair/typebox';
import { activateCampaign } from '../../commands/campaign/activateCampaign.js';
import { approveCampaign } from '../../commands/campaign/approveCampaign.js';
import { declineCampaign } from '../../commands/campaign/declineCampaign.js';
import { endCampaign } from '../../commands/campaign/endCampaign.js';
import { pauseCampaign } from '../../commands/campaign/pauseCampaign.js';
import { resumeCampaign } from '../../commands/campaign/resumeCampaign.js';
import { scheduleCampaign } from '../../commands/campaign/scheduleCampaign.js';
import { submitCampaign } from '../../commands/campaign/submitCampaign.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import type { ProblemCode } from '../problemCodes.js';
import { type Example, type Route, route } from '../route.js';
import { Instant, instantOf, instantOrNull } from '../wire.js';
import { contextOf, type Registry, wholeTenant } from './operatorCommand.js';
import { Reason } from './revocation.js';
import { type Step, stepRoute } from './stepRoute.js';

const params = { campaignId: CampaignId } as const;
const version = Type.Integer({ minimum: 1 });
const closed = { additionalProperties: false } as const;
const owners = operatorsOnly('owner');
const gone = ['campaign-not-found', 'campaign-ended'] as const;

const VersionBody = Type.Object({ version }, { ...closed, title: 'CampaignVersionBody' });
const NoBody = Type.Object({}, { ...closed, title: 'NoBody' });
const Named = Type.Object(params, { title: 'CampaignNamed' });
const VersionNamed = Type.Object({ ...params, version }, { title: 'CampaignVersionNamed' });
const first = { summary: 'The first version', value: { version: 1 } };
const because = { summary: 'With the reason', value: { reason: 'stock ran out' } };
const nothing = { summary: 'Nothing to say', value: {} };

export const campaignStepRoutes = ({ handler }: Registry): Route[] => {
  const step = <Body extends TObject, Answer extends TObject>({
    path,
    problems,
    example,
    ...own
  }: Pick<
    Step<typeof params, Body, Answer>,
    'path' | 'summary' | 'access' | 'command' | 'body' | 'response'
  > & {
    readonly problems: readonly ProblemCode[];
    readonly example: Example;
  }): Route =>
    stepRoute(handler, {
      ...own,
      path: `/admin/v1/campaigns/{campaignId}/${path}`,
      tags: ['Campaigns'],
      params,
      problems: [...gone, ...problems],
      examples: { body: [example] },
    });

  return [
    step({
      path: 'submission',
      access: editorsOnly,
      command: submitCampaign,
      summary: 'Puts the draft before those who approve.',
      body: NoBody,
      response: VersionNamed,
      example: nothing,
      problems: ['no-draft'],
    }),
    step({
      path: 'approval',
      access: owners,
      command: approveCampaign,
      summary: 'Agrees that a submitted version may hold; under four eyes not by an author of it.',
      body: VersionBody,
      response: VersionNamed,
      example: first,
      problems: ['no-draft', 'not-submitted', 'four-eyes-needed', 'version-not-found'],
    }),
    step({
      path: 'decline',
      access: owners,
      command: declineCampaign,
      summary: 'Gives the draft back to its authors.',
      body: Reason,
      response: Named,
      example: because,
      problems: ['no-draft'],
    }),
    step({
      path: 'activation',
      access: editorsOnly,
      command: activateCampaign,
      summary: 'Puts a version in force at once, instead of any other.',
      body: VersionBody,
      response: VersionNamed,
      example: first,
      problems: ['version-not-found', 'approval-missing'],
    }),
    step({
      path: 'pause',
      access: editorsOnly,
      command: pauseCampaign,
      summary: 'Lets the campaign hold for nobody until it is resumed.',
      body: Reason,
      response: Named,
      example: because,
      problems: ['not-running'],
    }),
    step({
      path: 'resumption',
      access: editorsOnly,
      command: resumeCampaign,
      summary: 'Lets a paused campaign hold again, as far as its schedule says.',
      body: NoBody,
      response: Named,
      example: nothing,
      problems: [],
    }),
    step({
      path: 'end',
      access: editorsOnly,
      command: endCampaign,
      summary: 'Ends the campaign for good, and its draft with it.',
      body: Reason,
      response: Named,
      example: because,
      problems: [],
    }),
    route({
      method: 'POST',
      path: '/admin/v1/campaigns/{campaignId}/schedule',
      summary:
        'Says when a version holds; from then on no other does. At the earliest from now on.',
      tags: ['Campaigns'],
      access: editorsOnly,
      params,
      body: Type.Object(
        { version, from: Instant, until: Type.Union([Instant, Type.Null()]) },
        { ...closed, title: 'CampaignScheduleBody' },
      ),
      idempotencyKey: 'optional',
      command: scheduleCampaign.name,
      response: Type.Object(
        { ...params, version, from: Instant, until: Type.Union([Instant, Type.Null()]) },
        { title: 'CampaignSchedule' },
      ),
      problems: [...gone, 'version-not-found', 'approval-missing', 'ends-before-it-begins'],
      examples: {
        body: [
          {
            summary: 'For the first week of June 2036',
            value: { version: 1, from: '2036-06-02T00:00:00Z', until: '2036-06-09T00:00:00Z' },
          },
        ],
      },
      handle: async (request) => {
        wholeTenant(request);
        const { from, until, ...named } = request.body;
        const times = {
          from: Math.max(0, Date.parse(from)),
          until: until === null ? null : Math.max(0, Date.parse(until)),
        };
        const input = { ...request.params, ...named, ...times };
        const { answer, position } = await handler.handle(
          ...([scheduleCampaign, input, contextOf(request)] as const),
        );
        const said = { from: instantOf(answer.from), until: instantOrNull(answer.until) };
        return { body: { ...answer, ...said }, position };
      },
    }),
  ];
};
