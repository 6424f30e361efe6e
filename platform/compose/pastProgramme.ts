/**
 * The programme as it was, for simulations: the same directory that decisions look things up in, filled from the log, with a draft
 * among its campaigns. Rules, tiers and campaigns are those of the receipt's time; the catalogue and the segments those of today,
 * which is what the draft will meet.
 */
import { createDirectory } from '../../commands/directory.js';
import type { TenantId, UserId } from '../../domain/ids.js';
import type { Campaign } from '../../domain/pricing/campaign.js';
import { type CampaignSet, compileCampaigns } from '../../domain/pricing/campaignSet.js';
import type { ProgrammeRuleSet } from '../../domain/programme/programme.js';
import type { ProgrammeRule } from '../../domain/programme/rule.js';
import type { World } from '../../domain/simulation/world.js';
import type { TierChanged } from '../../domain/tier/events.js';
import type { EventOf } from '../../domain/event.js';
import { occurredAtOf, ownerOf } from '../../projections/facts.js';
import type { Feed } from '../../projections/feed.js';

interface Step {
  readonly at: number;
  readonly tier: string | null;
}

const ruleSet = 'ProgrammeRuleSet' satisfies EventOf<typeof ProgrammeRuleSet>['type'];
const tierChanged = 'TierChanged' satisfies EventOf<typeof TierChanged>['type'];

/** Reads the log to its end as it is now. @throws the signal's reason */
export const readPastProgramme = async (
  feed: Feed,
  tenant: TenantId,
  draft: Campaign,
  signal: AbortSignal,
): Promise<World> => {
  const directory = createDirectory();
  const rules = new Map<number, ProgrammeRule>();
  const tiers = new Map<UserId, Step[]>();
  const enough = new AbortController();
  const subscription = feed.subscribe({
    from: null,
    filter: { eventTypes: [...directory.eventTypes, tierChanged] },
    signal: AbortSignal.any([signal, enough.signal]),
  });
  for await (const item of subscription) {
    if (item.kind === 'caughtUp') break;
    if (item.kind !== 'fact') continue;
    const { fact } = item;
    directory.apply(fact);
    if (fact.metadata.tenant !== tenant) continue;
    if (fact.type === ruleSet) {
      const { version, rule } = fact.data as EventOf<typeof ProgrammeRuleSet>['data'];
      rules.set(version, rule);
    } else if (fact.type === tierChanged) {
      const { to } = fact.data as EventOf<typeof TierChanged>['data'];
      const userId = ownerOf(fact) as UserId;
      const steps = tiers.get(userId) ?? [];
      tiers.set(userId, steps);
      steps.push({ at: occurredAtOf(fact), tier: to });
    }
  }
  enough.abort();
  signal.throwIfAborted();

  const withDraft = createSets(draft, (id, version) =>
    directory.campaigns.definition(tenant, id, version),
  );
  return {
    rule: (version, at) => rules.get(version ?? 0) ?? directory.ruleAt(tenant, at)?.rule ?? null,
    timeZone: (merchantId) => directory.merchant(tenant, merchantId)?.timeZone ?? 'UTC',
    goods: (productId) => directory.product(tenant, productId),
    tier: (userId, at) => tiers.get(userId)?.findLast((step) => step.at <= at)?.tier ?? null,
    segments: (userId) => directory.segments.of(tenant, userId),
    campaigns: (at) => withDraft(directory.campaigns.at(tenant, at).set),
  };
};

/** What was in force with the draft, in the place of an earlier version of it; compiled once for each set. */
const createSets = (
  draft: Campaign,
  definition: (id: Campaign['campaignId'], version: number) => Campaign | undefined,
): ((inForce: CampaignSet) => CampaignSet) => {
  const sets = new WeakMap<CampaignSet, CampaignSet>();
  return (inForce) => {
    let set = sets.get(inForce);
    if (!set) {
      const others = inForce.campaigns.flatMap(({ campaign: { campaignId, version } }) =>
        campaignId === draft.campaignId ? [] : (definition(campaignId, version) ?? []),
      );
      set = compileCampaigns([...others, draft], inForce.caps);
      sets.set(inForce, set);
    }
    return set;
  };
};
