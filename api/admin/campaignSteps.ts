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
import type { CommandDefinition } from '../../commands/command.js';
import { CampaignId } from '../../domain/pricing/campaign.js';
import { type Access, operatorsOnly } from '../auth/access.js';
import type { ProblemCode } from '../problem.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, instantOrNull } from '../wire.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';
import { Reason } from './revocation.js';

const params = { campaignId: CampaignId } as const;
const version = Type.Integer({ minimum: 1 });
const closed = { additionalProperties: false } as const;
const editors = operatorsOnly('owner', 'manager');
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
  /** A step whose body is the command's input without the id. */
  const step = <Body extends TObject, Answer extends TObject>(options: {
    readonly path: string;
    readonly summary: string;
    readonly access: Access;
    readonly command: unknown;
    readonly body: Body;
    readonly response: Answer;
    readonly example: { readonly summary: string; readonly value: unknown };
    readonly problems: readonly ProblemCode[];
  }): Route => {
    // The definitions differ in what they look up and decide; here only their input and answer matter.
    const command = options.command as CommandDefinition<TObject, never, never, unknown, never>;
    return route({
      method: 'POST',
      path: `/admin/v1/campaigns/{campaignId}/${options.path}`,
      summary: options.summary,
      tags: ['Campaigns'],
      access: options.access,
      params,
      body: options.body,
      idempotencyKey: 'optional',
      command: command.name,
      response: options.response,
      problems: [...gone, ...options.problems],
      examples: { body: [options.example] },
      handle: async (request) => {
        wholeTenant(request);
        const input = { ...request.params, ...(request.body as object) };
        return done(await handler.handle(command, input, contextOf(request)));
      },
    });
  };

  return [
    step({
      ...{ path: 'submission', access: editors, command: submitCampaign },
      summary: 'Puts the draft before those who approve.',
      ...{ body: NoBody, response: VersionNamed, example: nothing, problems: ['no-draft'] },
    }),
    step({
      ...{ path: 'approval', access: owners, command: approveCampaign },
      summary: 'Agrees that a submitted version may hold; under four eyes not by an author of it.',
      ...{ body: VersionBody, response: VersionNamed, example: first },
      problems: ['no-draft', 'not-submitted', 'four-eyes-needed', 'version-not-found'],
    }),
    step({
      ...{ path: 'decline', access: owners, command: declineCampaign },
      summary: 'Gives the draft back to its authors.',
      ...{ body: Reason, response: Named, example: because, problems: ['no-draft'] },
    }),
    step({
      ...{ path: 'activation', access: editors, command: activateCampaign },
      summary: 'Puts a version in force at once, instead of any other.',
      ...{ body: VersionBody, response: VersionNamed, example: first },
      problems: ['version-not-found', 'approval-missing'],
    }),
    step({
      ...{ path: 'pause', access: editors, command: pauseCampaign },
      summary: 'Lets the campaign hold for nobody until it is resumed.',
      ...{ body: Reason, response: Named, example: because, problems: ['not-running'] },
    }),
    step({
      ...{ path: 'resumption', access: editors, command: resumeCampaign },
      summary: 'Lets a paused campaign hold again, as far as its schedule says.',
      ...{ body: NoBody, response: Named, example: nothing, problems: [] },
    }),
    step({
      ...{ path: 'end', access: editors, command: endCampaign },
      summary: 'Ends the campaign for good, and its draft with it.',
      ...{ body: Reason, response: Named, example: because, problems: [] },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/campaigns/{campaignId}/schedule',
      summary:
        'Says when a version holds; from then on no other does. At the earliest from now on.',
      tags: ['Campaigns'],
      access: editors,
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
