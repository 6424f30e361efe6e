/**
 * What sending looks up: the rules of each tenant, what its templates say, its strategies and its policies. A part of the directory.
 *
 * Every version is held, since messages on their way name theirs; there are at most some hundred of each (see domain/template).
 */
import {
  outreachRulesDefault,
  outreachRulesEvents,
  type OutreachRulesInForce,
} from '../domain/consent/rules.js';
import { type EventOf, unreachable } from '../domain/event.js';
import type { Position } from '../domain/fact.js';
import type { StrategyId, TemplateId, TenantId } from '../domain/ids.js';
import { type PolicyContent, policyEvents, type PolicyId } from '../domain/policy/policy.js';
import { type StrategyContent, strategyEvents } from '../domain/strategy/strategy.js';
import { type TemplateContent, templateEvents } from '../domain/template/template.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';

export interface VersionOf<Content> {
  readonly version: number;
  readonly content: Content;
  /** Milliseconds since the epoch. */
  readonly since: number;
}
export type TemplateVersion = VersionOf<TemplateContent> & { readonly templateId: TemplateId };
export type StrategyVersion = VersionOf<StrategyContent> & { readonly strategyId: StrategyId };
export type PolicyVersion = VersionOf<PolicyContent> & {
  readonly policyId: PolicyId;
  /** It holds for what comes after this place: where it was set, or what it is made of was changed, or it was enabled. */
  readonly from: Position;
};

/** Everything of one id. */
export interface Versions<Version> {
  readonly status: 'active' | 'retired';
  /** The oldest first, at least one. */
  readonly versions: readonly Version[];
}

export interface Outreach extends DirectoryPart {
  /** Those that hold until a tenant sets its own have version 0. */
  rules(tenant: TenantId): OutreachRulesInForce;
  /** The newest where no version is named; of retired ones too, for what is on its way. */
  template(tenant: TenantId, id: TemplateId, version?: number): TemplateVersion | undefined;
  templates(tenant: TenantId): ReadonlyMap<TemplateId, Versions<TemplateVersion>>;
  strategy(tenant: TenantId, id: StrategyId, version?: number): StrategyVersion | undefined;
  strategies(tenant: TenantId): ReadonlyMap<StrategyId, Versions<StrategyVersion>>;
  policies(tenant: TenantId): ReadonlyMap<PolicyId, PolicyVersion>;
}

const definitions = [outreachRulesEvents, templateEvents, strategyEvents, policyEvents].flat();
type OutreachSettingEvent = EventOf<(typeof definitions)[number]>;

interface Shelf {
  rules: OutreachRulesInForce;
  readonly templates: Map<TemplateId, Versions<TemplateVersion>>;
  readonly strategies: Map<StrategyId, Versions<StrategyVersion>>;
  readonly policies: Map<PolicyId, PolicyVersion>;
}

const newShelf = (): Shelf => ({
  rules: { version: 0, rules: outreachRulesDefault },
  templates: new Map(),
  strategies: new Map(),
  policies: new Map(),
});

export const createOutreach = (): Outreach => {
  const shelves = createShelves(newShelf);
  const { at } = shelves;
  return {
    eventTypes: new Set(definitions.map(({ type }) => type)),
    apply: (fact) => {
      const { tenant, occurredAt } = fact.metadata;
      const event = { type: fact.type, data: fact.data } as OutreachSettingEvent;
      file(shelves.of(tenant), event, Date.parse(occurredAt), fact.position);
    },
    rules: (tenant) => at(tenant).rules,
    template: (tenant, id, version) => versionOf(at(tenant).templates.get(id), version),
    templates: (tenant) => at(tenant).templates,
    strategy: (tenant, id, version) => versionOf(at(tenant).strategies.get(id), version),
    strategies: (tenant) => at(tenant).strategies,
    policies: (tenant) => at(tenant).policies,
  };
};

/** Versions count from 1 without a gap. */
const versionOf = <Version>(
  of: Versions<Version> | undefined,
  version?: number,
): Version | undefined => (version === undefined ? of?.versions.at(-1) : of?.versions[version - 1]);

const file = (
  shelf: Shelf,
  event: OutreachSettingEvent,
  since: number,
  position: Position,
): void => {
  switch (event.type) {
    case 'OutreachRulesSet':
      shelf.rules = event.data;
      return;
    case 'TemplateVersioned':
      return add(shelf.templates, event.data.templateId, { ...event.data, since });
    case 'TemplateRetired':
      return retire(shelf.templates, event.data.templateId);
    case 'StrategyVersioned':
      return add(shelf.strategies, event.data.strategyId, { ...event.data, since });
    case 'StrategyRetired':
      return retire(shelf.strategies, event.data.strategyId);
    case 'OutreachPolicySet':
      return setPolicy(shelf.policies, { ...event.data, since, from: position });
    default:
      return unreachable(event);
  }
};

const add = <Id, Version>(entries: Map<Id, Versions<Version>>, id: Id, version: Version): void => {
  const versions = [...(entries.get(id)?.versions ?? []), version];
  entries.set(id, { status: 'active', versions });
};

/** One that is only said otherwise goes on where it was: what happened meanwhile is not lost. */
const setPolicy = (policies: Map<PolicyId, PolicyVersion>, next: PolicyVersion): void => {
  const known = policies.get(next.policyId);
  const goesOn =
    known?.content.enabled === true &&
    next.content.enabled &&
    known.content.trigger.kind === next.content.trigger.kind;
  policies.set(next.policyId, goesOn ? { ...next, from: known.from } : next);
};

const retire = <Id, Version>(entries: Map<Id, Versions<Version>>, id: Id): void => {
  const known = entries.get(id);
  if (known) entries.set(id, { ...known, status: 'retired' });
};
