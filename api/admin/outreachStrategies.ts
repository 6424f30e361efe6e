/** /admin/v1/outreach/strategies: which channels are tried in which order. Every change is a version; what is on its way keeps its steps. */
import { Type } from '@sinclair/typebox';
import type { StrategyVersion, Versions } from '../../commands/outreach.js';
import { retireStrategy } from '../../commands/strategy/retireStrategy.js';
import { StrategyInput, versionStrategy } from '../../commands/strategy/versionStrategy.js';
import { StrategyId } from '../../domain/ids.js';
import { Channel } from '../../domain/message/kinds.js';
import { rejected } from '../../domain/rejected.js';
import { StrategyContent } from '../../domain/strategy/strategy.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { contextOf, done, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { stepRoute } from './stepRoute.js';

const tags = ['Outreach'] as const;
const version = Type.Integer({ minimum: 1 });
const Status = Type.Union([Type.Literal('active'), Type.Literal('retired')]);
const ofStrategy = { strategyId: StrategyId } as const;

const Listed = Type.Object(
  {
    strategyId: StrategyId,
    name: Type.String(),
    status: Status,
    version: Type.Integer({ minimum: 1, description: 'The newest' }),
    since: Instant,
    channels: Type.Array(Channel, { description: 'In the order of its steps' }),
  },
  { title: 'ListedStrategy' },
);
const Shown = Type.Object(
  { strategyId: StrategyId, status: Status, version, since: Instant, content: StrategyContent },
  { title: 'ShownStrategy' },
);
const Versioned = Type.Object(
  { strategyId: StrategyId, version, content: StrategyContent },
  { title: 'VersionedStrategy' },
);

const example = {
  name: 'Push, then SMS',
  steps: [
    {
      channel: 'push',
      until: 'delivered',
      waitSeconds: 600,
      when: [{ kind: 'has', address: 'push' }],
    },
    { channel: 'sms', until: 'delivered', waitSeconds: 86_400 },
  ],
};

const listed = (
  strategyId: StrategyId,
  { status, versions }: Versions<StrategyVersion>,
): typeof Listed.static => {
  const newest = versions[versions.length - 1] as StrategyVersion;
  const { name, steps } = newest.content;
  const channels = steps.map(({ channel }) => channel);
  const since = instantOf(newest.since);
  return { strategyId, name, status, version: newest.version, since, channels };
};

export const outreachStrategyRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/outreach/strategies',
    summary: 'Lists the cascades of channels, each in its newest version.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(Listed),
    handle: (request) => {
      const strategies = handler.directory.outreach.strategies(wholeTenant(request).tenant);
      const body = page(
        strategies,
        ([id]) => id,
        request.query,
        ([id, of]) => listed(id, of),
      );
      return { body };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/v1/outreach/strategies/{strategyId}',
    summary: 'Shows the steps of a strategy, of its newest version or of the one asked for.',
    tags,
    access: readersOnly,
    params: ofStrategy,
    query: { version: Type.Optional(version) },
    response: Shown,
    problems: ['strategy-not-found'],
    handle: (request) => {
      const { tenant } = wholeTenant(request);
      const { strategyId } = request.params;
      const { outreach } = handler.directory;
      const found = outreach.strategy(tenant, strategyId, request.query.version);
      const status = outreach.strategies(tenant).get(strategyId)?.status;
      if (!found || !status) throw rejected('strategy-not-found', { strategyId });
      const { version: shown, since, content } = found;
      return { body: { strategyId, status, version: shown, since: instantOf(since), content } };
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/outreach/strategies/{strategyId}',
    summary: 'Sets the steps of a strategy as its next version.',
    description:
      'Each step waits `waitSeconds` for its milestone, then the next one has its turn. A step that names a template without a version gets the newest of now. Faults are told with JSON pointers.',
    tags,
    access: editorsOnly,
    params: ofStrategy,
    body: StrategyInput,
    idempotencyKey: 'optional',
    command: versionStrategy.name,
    response: Versioned,
    problems: ['strategy-wrong', 'too-many-strategies', 'too-many-strategy-versions'],
    examples: { body: [{ summary: 'SMS where no push arrived in ten minutes', value: example }] },
    handle: async (request) => {
      wholeTenant(request);
      const input = { ...request.params, content: request.body };
      return done(await handler.handle(versionStrategy, input, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/outreach/strategies/{strategyId}/retirement',
    summary: 'Takes a strategy out of use; messages accepted before keep their steps.',
    tags,
    access: editorsOnly,
    params: ofStrategy,
    command: retireStrategy,
    response: Type.Object(ofStrategy),
    problems: ['strategy-not-found'],
  }),
];
