/** Sets the routing rules of a programme, all of them at once: what is left out is no rule any more. */
import { Type } from '@sinclair/typebox';
import type { TenantId } from '../../domain/ids.js';
import { addressKindOf } from '../../domain/message/kinds.js';
import { rejected } from '../../domain/rejected.js';
import {
  routing,
  type RoutingRule,
  RoutingSet,
  routingStream,
  setRouting as decide,
} from '../../domain/routing/rules.js';
import type { Carriers } from '../carriers.js';
import { defineCommand } from '../command.js';
import { presentTenant } from '../registry/present.js';

const wrong = (ruleId: string, reason: string): never => {
  throw rejected('routing-wrong', { ruleId, reason });
};

const assertAgrees = (rule: RoutingRule, carriers: Carriers, tenant: TenantId): void => {
  const { ruleId, channel, prefixes, domains, by, providers } = rule;
  const kind = addressKindOf[channel];
  if (prefixes && kind !== 'phone') wrong(ruleId, `Addresses of ${channel} have no prefixes.`);
  if (domains && kind !== 'email') wrong(ruleId, `Addresses of ${channel} have no domains.`);
  const named = new Set(providers.map(({ providerId }) => providerId));
  if (named.size < providers.length) wrong(ruleId, 'It names a provider twice.');
  const currencies = new Set<string>();
  for (const { providerId, cost } of providers) {
    const record = carriers.provider(tenant, providerId);
    if (!record) return wrong(ruleId, `There is no provider ${providerId}.`);
    if (record.channel !== channel) wrong(ruleId, `${providerId} carries ${record.channel}.`);
    const { currency } = cost ?? record.cost ?? {};
    if (currency !== undefined) currencies.add(currency);
  }
  if (by === 'cost' && currencies.size > 1) {
    wrong(ruleId, `Costs in ${[...currencies].join(' and ')} cannot be compared.`);
  }
};

export const setRouting = defineCommand({
  name: 'SetRouting',
  summary: 'Sets the rules by which providers are chosen.',
  input: Type.Object(
    {
      rules: RoutingSet.schema.properties.rules,
      expectedVersion: Type.Optional(
        Type.Integer({ minimum: 0, description: 'Refused where another one is in force by now' }),
      ),
    },
    { additionalProperties: false, title: 'SetRouting' },
  ),
  aggregate: routing,
  stream: (_input, context) => routingStream(context.tenant),
  lookUp: ({ rules }, { tenant }, { directory }) => {
    presentTenant(directory, tenant);
    const seen = new Set<string>();
    for (const rule of rules) {
      if (seen.has(rule.ruleId)) wrong(rule.ruleId, 'Two rules have this id.');
      seen.add(rule.ruleId);
      assertAgrees(rule, directory.carriers, tenant);
    }
  },
  decide: (input, state) => decide(input, state),
  answer: ({ state }) => state,
});
