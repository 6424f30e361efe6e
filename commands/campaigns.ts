/**
 * The campaigns of every tenant as decisions look them up: which versions are in force at a moment, compiled once for as long as
 * nothing changes, and every version that was ever written down, since receipts of the past name them.
 *
 * A set holds from one turn (something begins, ends, is paused) to the next, so a schedule needs no timer: the next receipt after
 * the turn finds the next set. Memory is bounded by what the commands let in (see commands/campaign/draftCampaign.ts) and by the
 * number of sets that are kept.
 */
import { type CampaignEvent, campaignEvents } from '../domain/campaign/events.js';
import { type CampaignLife, campaignLife } from '../domain/campaign/life.js';
import {
  type CampaignRulesEvent,
  campaignRulesEvents,
  type CampaignRulesInForce,
  rulesDefault,
} from '../domain/campaign/rules.js';
import { inForceAt, turnsOf } from '../domain/campaign/timeline.js';
import type { Fact } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import type { Campaign, CampaignId } from '../domain/pricing/campaign.js';
import { asksFor } from '../domain/pricing/asksFor.js';
import { type CampaignSet, compileCampaigns } from '../domain/pricing/campaignSet.js';
import { parseStreamName } from '../domain/stream.js';
import type { DirectoryPart } from './directoryPart.js';

/** What campaigns of a set may give; those without limits are left out. */
export type LimitsById = ReadonlyMap<CampaignId, NonNullable<Campaign['limits']>>;

export interface CampaignsInForce {
  /** Made for pricing, with the programme's caps. */
  readonly set: CampaignSet;
  readonly limits: LimitsById;
  /** Whether one has a condition on the birthday: only then is it looked for. */
  readonly asksBirthday: boolean;
}

export interface Campaigns extends DirectoryPart {
  /**
   * What is in force at `timeMs`: now for a receipt of now, the till's time for a late one (the versions that were active then).
   * The same object for as long as nothing changes; cheap where there is no campaign.
   */
  at(tenant: TenantId, timeMs: number): CampaignsInForce;
  /** Any version that was ever drafted. */
  definition(tenant: TenantId, id: CampaignId, version: number): Campaign | undefined;
  life(tenant: TenantId, id: CampaignId): CampaignLife | undefined;
  all(tenant: TenantId): Iterable<readonly [CampaignId, CampaignLife]>;
  /** Versions of all campaigns of a tenant. */
  versions(tenant: TenantId): number;
  rules(tenant: TenantId): CampaignRulesInForce;
}

interface Compiled extends CampaignsInForce {
  readonly from: number;
  readonly until: number;
}

/** Everything of one tenant. Written by `apply` alone. */
interface Shelf {
  readonly lives: Map<CampaignId, CampaignLife>;
  /** In the order in which they were set. */
  readonly rules: (CampaignRulesInForce & { readonly since: number })[];
  versions: number;
  /** Rising; null after a change. */
  turns: readonly number[] | null;
  /** The latest first. */
  compiled: readonly Compiled[];
}

/** The set of now, the one before, and a day's worth of late receipts. */
const setsMax = 16;

const none: CampaignsInForce = {
  set: compileCampaigns([]),
  limits: new Map(),
  asksBirthday: false,
};
const rulesOfNobody: CampaignRulesInForce = { version: 0, rules: rulesDefault };
const types: ReadonlySet<string> = new Set(
  [...campaignEvents, ...campaignRulesEvents].map(({ type }) => type),
);

export const createCampaigns = (): Campaigns => {
  const shelves = new Map<TenantId, Shelf>();

  const shelfOf = (tenant: TenantId): Shelf => {
    let shelf = shelves.get(tenant);
    if (!shelf) {
      shelf = { lives: new Map(), rules: [], versions: 0, turns: null, compiled: [] };
      shelves.set(tenant, shelf);
    }
    return shelf;
  };

  return {
    eventTypes: types,
    apply: (fact) => file(shelfOf(fact.metadata.tenant), fact),
    at: (tenant, timeMs) => {
      const shelf = shelves.get(tenant);
      if (!shelf) return none;
      const [latest] = shelf.compiled;
      if (latest && holdsAt(latest, timeMs)) return latest;
      return shelf.compiled.find((set) => holdsAt(set, timeMs)) ?? compileAt(shelf, timeMs);
    },
    definition: (tenant, id, version) => shelves.get(tenant)?.lives.get(id)?.contents[version - 1],
    life: (tenant, id) => shelves.get(tenant)?.lives.get(id),
    all: (tenant) => shelves.get(tenant)?.lives ?? [],
    versions: (tenant) => shelves.get(tenant)?.versions ?? 0,
    rules: (tenant) => shelves.get(tenant)?.rules.at(-1) ?? rulesOfNobody,
  };
};

const file = (shelf: Shelf, { type, data, stream, revision, metadata }: Fact): void => {
  const event = { type, data } as CampaignEvent | CampaignRulesEvent;
  const occurredAt = Date.parse(metadata.occurredAt);
  shelf.turns = null;
  shelf.compiled = [];
  if (event.type === 'CampaignRulesSet') {
    shelf.rules.push({ ...event.data, since: occurredAt });
    return;
  }
  const id = parseStreamName(stream)?.id as CampaignId;
  const before = shelf.lives.get(id) ?? campaignLife.initial();
  const life = campaignLife.evolve(before, { ...event, revision, occurredAt });
  shelf.versions += life.contents.length - before.contents.length;
  shelf.lives.set(id, life);
};

const holdsAt = ({ from, until }: Compiled, at: number): boolean => at >= from && at < until;

const compileAt = (shelf: Shelf, at: number): CampaignsInForce => {
  shelf.turns ??= allTurns(shelf);
  const from = shelf.turns.findLast((turn) => turn <= at) ?? -Infinity;
  const until = shelf.turns.find((turn) => turn > at) ?? Infinity;
  const campaigns = [...shelf.lives.values()].flatMap(({ contents, timeline }) => {
    const version = inForceAt(timeline, at);
    return version === null ? [] : (contents[version - 1] ?? []);
  });
  const caps = shelf.rules.findLast(({ since }) => since <= at)?.rules.caps ?? {};
  const limits = new Map(
    campaigns.flatMap((one) => (one.limits ? [[one.campaignId, one.limits] as const] : [])),
  );
  const asksBirthday = campaigns.some((campaign) => asksFor(campaign, 'birthday'));
  const set = compileCampaigns(campaigns, caps);
  const compiled = { set, limits, asksBirthday, from, until };
  shelf.compiled = [compiled, ...shelf.compiled].sort((a, b) => b.from - a.from).slice(0, setsMax);
  return compiled;
};

const allTurns = ({ lives, rules }: Shelf): number[] => {
  const turns = new Set(rules.map(({ since }) => since));
  for (const { timeline } of lives.values()) {
    for (const turn of turnsOf(timeline)) turns.add(turn);
  }
  return [...turns].sort((a, b) => a - b);
};
