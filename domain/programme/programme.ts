/**
 * The programme of a tenant: which points rule holds. Invariant: versions count from 1 without a gap and a version never
 * changes its content, so "decided under version 3" can be read back for ever.
 */
import { Type } from '@sinclair/typebox';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import type { TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';
import { ProgrammeRule } from './rule.js';

export const programmeStream = (tenant: TenantId) => streamName('programme', tenant, 'rule');

// These names are the storage format: proof-read, version with care.
export const ProgrammeRuleSet = event('ProgrammeRuleSet', {
  version: Type.Integer({ minimum: 1 }),
  rule: ProgrammeRule,
});

export const programmeEvents = [ProgrammeRuleSet] as const;
export type ProgrammeEvent = EventOf<(typeof programmeEvents)[number]>;

export type Programme =
  | { readonly status: 'unset' }
  | { readonly status: 'set'; readonly version: number; readonly rule: ProgrammeRule };

export const programme: Aggregate<Programme, ProgrammeEvent> = {
  category: 'programme',
  initial: () => ({ status: 'unset' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'ProgrammeRuleSet':
        return { status: 'set', version: event.data.version, rule: event.data.rule };
      default:
        return unreachable(event.type);
    }
  },
};

const isSame = (a: ProgrammeRule, b: ProgrammeRule): boolean =>
  a.currency === b.currency &&
  a.earn.points === b.earn.points &&
  a.earn.per === b.earn.per &&
  a.pointValue === b.pointValue &&
  a.redeemMaxBasisPoints === b.redeemMaxBasisPoints &&
  a.earnOnRedeemed === b.earnOnRedeemed &&
  a.activationDelayDays === b.activationDelayDays &&
  a.lifetimeDays === b.lifetimeDays &&
  a.clawback === b.clawback;

/** `currency` is the tenant's: a rule that counts in another one would make amounts mean something else. */
export const setProgrammeRule = (
  command: { readonly rule: ProgrammeRule; readonly currency: string },
  state: Programme,
): ProgrammeEvent[] => {
  const { rule, currency } = command;
  if (rule.currency !== currency) {
    throw rejected('currency-mismatch', { expected: currency, given: rule.currency });
  }
  if (state.status === 'set' && isSame(state.rule, rule)) return []; // already carried out
  const version = state.status === 'set' ? state.version + 1 : 1;
  return [{ type: 'ProgrammeRuleSet', data: { version, rule } }];
};
