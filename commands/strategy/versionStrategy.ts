/**
 * Sets the steps of a strategy as its next version, once it was seen that they can be taken: that their templates say something on their
 * channels, and that the providers they insist on carry them. A step that names a template without a version gets the newest of now.
 */
import { type Static, Type } from '@sinclair/typebox';
import { StrategyId, TemplateId, type TenantId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { Step, stepsMax } from '../../domain/strategy/step.js';
import {
  strategy,
  StrategyContent,
  strategyStream,
  versionStrategy as decide,
} from '../../domain/strategy/strategy.js';
import { defineCommand } from '../command.js';
import type { Directory } from '../directory.js';
import { presentTenant } from '../registry/present.js';

export const strategiesMax = 500;

const closed = { additionalProperties: false } as const;
const StepInput = Type.Object(
  {
    ...Step.properties,
    template: Type.Optional(
      Type.Object(
        {
          templateId: TemplateId,
          version: Type.Optional(
            Type.Integer({ minimum: 1, description: 'Left out: the newest of now' }),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);
type StepInput = Static<typeof StepInput>;

export const StrategyInput = Type.Object(
  {
    name: StrategyContent.properties.name,
    steps: Type.Array(StepInput, { minItems: 1, maxItems: stepsMax }),
  },
  { ...closed, title: 'StrategyInput' },
);

export const versionStrategy = defineCommand({
  name: 'VersionStrategy',
  summary: 'Sets the steps of a strategy as its next version.',
  input: Type.Object(
    { strategyId: StrategyId, content: StrategyInput },
    { ...closed, title: 'VersionStrategy' },
  ),
  aggregate: strategy,
  stream: (input, context) => strategyStream(context.tenant, input.strategyId),
  lookUp: ({ strategyId, content }, { tenant }, { directory }): StrategyContent => {
    presentTenant(directory, tenant);
    const known = directory.outreach.strategies(tenant);
    if (!known.has(strategyId) && known.size >= strategiesMax) {
      throw rejected('too-many-strategies', { most: strategiesMax });
    }
    const { name, steps } = content;
    const faults = steps.flatMap((step, index) => stepFaults(step, index, directory, tenant));
    if (faults.length > 0) throw rejected('strategy-wrong', { faults });
    return { name, steps: steps.map((step) => pinned(step, directory, tenant)) };
  },
  decide: ({ strategyId }, state, content) => decide({ strategyId, content }, state),
  answer: ({ events: [versioned], state, input: { strategyId }, directory, context }) => {
    if (versioned?.type === 'StrategyVersioned') return versioned.data;
    const known = state.status === 'unknown' ? undefined : state;
    if (!known) throw new Error('a strategy without its event');
    const { version } = known;
    const found = directory.outreach.strategy(context.tenant, strategyId, version);
    return { strategyId, version, content: found?.content ?? known.content };
  },
});

interface StepFault {
  readonly pointer: string;
  readonly reason: string;
}

const stepFaults = (
  { channel, template, providerId }: StepInput,
  index: number,
  directory: Directory,
  tenant: TenantId,
): StepFault[] => {
  const faults: StepFault[] = [];
  const tell = (field: string, reason: string) =>
    void faults.push({ pointer: `/steps/${index}/${field}`, reason });
  if (template) {
    const { templateId, version } = template;
    const found = directory.outreach.template(tenant, templateId, version);
    if (!found) tell('template', 'is not there, or not in this version');
    else if (directory.outreach.templates(tenant).get(templateId)?.status === 'retired') {
      tell('template', 'was retired');
    } else if (!Object.values(found.content.bodies).some((bodies) => bodies[channel])) {
      tell('template', `says nothing on ${channel}`);
    }
  }
  if (providerId !== undefined) {
    const provider = directory.carriers.provider(tenant, providerId);
    if (!provider) tell('providerId', 'is not registered');
    else if (provider.channel !== channel) {
      tell('providerId', `does not carry ${channel}`);
    }
  }
  return faults;
};

const pinned = ({ template, ...step }: StepInput, directory: Directory, tenant: TenantId): Step => {
  if (!template) return step;
  const { templateId, version } = template;
  const newest = directory.outreach.template(tenant, templateId, version)?.version ?? 1;
  return { ...step, template: { templateId, version: version ?? newest } };
};
