/** Takes a strategy out of use: messages accepted before keep their steps. */
import { Type } from '@sinclair/typebox';
import {
  retireStrategy as decide,
  strategy,
  StrategyRetired,
  strategyStream,
} from '../../domain/strategy/strategy.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

export const retireStrategy = defineCommand({
  name: 'RetireStrategy',
  summary: 'Takes a strategy out of use; messages accepted before keep their steps.',
  input: Type.Object(StrategyRetired.schema.properties, {
    additionalProperties: false,
    title: 'RetireStrategy',
  }),
  aggregate: strategy,
  stream: (input, context) => strategyStream(context.tenant, input.strategyId),
  lookUp: (_input, { tenant }, { directory }) => presentTenant(directory, tenant),
  decide: (input, state) => decide(input, state),
  answer: ({ input: { strategyId } }) => ({ strategyId }),
});
