/**
 * A cascade of channels under a name. Invariant: versions count from 1 without a gap and never change; a message carries its steps with
 * it, so what is on its way is not moved by a new version.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import { StrategyId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { isSameData } from '../sameData.js';
import { streamName } from '../stream.js';
import { Step, stepsMax } from './step.js';

export const strategyStream = (tenant: TenantId, id: StrategyId) =>
  streamName('strategy', tenant, id);

export const StrategyContent = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200, examples: ['Push, then SMS'] }),
    steps: Type.Array(Step, { minItems: 1, maxItems: stepsMax }),
  },
  { additionalProperties: false, title: 'StrategyContent' },
);
export type StrategyContent = Static<typeof StrategyContent>;

// These names are the storage format: proof-read, version with care.
export const StrategyVersioned = event('StrategyVersioned', {
  strategyId: StrategyId,
  version: Type.Integer({ minimum: 1 }),
  content: StrategyContent,
});
export const StrategyRetired = event('StrategyRetired', {
  strategyId: StrategyId,
  reason: Type.String({ maxLength: 500 }),
});

export const strategyEvents = [StrategyVersioned, StrategyRetired] as const;
export type StrategyEvent = EventOf<(typeof strategyEvents)[number]>;

export const strategyVersionsMax = 500;

export type Strategy =
  | { readonly status: 'unknown' }
  | {
      readonly status: 'active' | 'retired';
      readonly version: number;
      readonly content: StrategyContent;
    };

export const strategy: Aggregate<Strategy, StrategyEvent> = {
  category: 'strategy',
  initial: () => ({ status: 'unknown' }),
  evolve: (state, event) => {
    switch (event.type) {
      case 'StrategyVersioned': {
        const { version, content } = event.data;
        return { status: 'active', version, content };
      }
      case 'StrategyRetired':
        return state.status === 'unknown' ? state : { ...state, status: 'retired' };
      default:
        return unreachable(event);
    }
  },
};

/**
 * A strategy that was retired comes back with its next version.
 * @throws Rejected strategy-wrong with the pointer of the step, too-many-strategy-versions
 */
export const versionStrategy = (
  { strategyId, content }: { readonly strategyId: StrategyId; readonly content: StrategyContent },
  state: Strategy,
): StrategyEvent[] => {
  const version = state.status === 'unknown' ? 1 : state.version + 1;
  if (state.status === 'active' && isSameData(state.content, content)) {
    return []; // already carried out
  }
  assertSteps(content.steps);
  if (version > strategyVersionsMax) {
    throw rejected('too-many-strategy-versions', { most: strategyVersionsMax });
  }
  return [{ type: 'StrategyVersioned', data: { strategyId, version, content } }];
};

/** A step that repeats one before it would say the same to the same address again. */
const assertSteps = (steps: readonly Step[]): void => {
  steps.forEach((step, index) => {
    const same = steps.slice(0, index).some((other) => isSamePlace(other, step));
    if (!same) return;
    const reason = 'repeats a step before it: give it another channel, provider or condition';
    throw rejected('strategy-wrong', { faults: [{ pointer: `/steps/${index}`, reason }] });
  });
};

const isSamePlace = (one: Step, other: Step): boolean =>
  one.channel === other.channel &&
  one.providerId === other.providerId &&
  isSameData(one.when ?? null, other.when ?? null);

/** Messages accepted before keep their steps. */
export const retireStrategy = (
  command: EventOf<typeof StrategyRetired>['data'],
  state: Strategy,
): StrategyEvent[] => {
  if (state.status === 'unknown') {
    throw rejected('strategy-not-found', { strategyId: command.strategyId });
  }
  if (state.status === 'retired') return []; // already carried out
  return [{ type: 'StrategyRetired', data: command }];
};
