import { expect } from 'chai';
import { createCampaigns } from '../../../commands/campaigns.js';
import type { CampaignEvent } from '../../../domain/campaign/events.js';
import type { TenantId } from '../../../domain/ids.js';
import { factMaker } from '../commands/facts.js';
import {
  activated,
  campaign,
  drafted,
  endedEvent,
  pausedEvent,
  scheduled,
  spring,
} from './spec.js';

const demo = 'demo' as TenantId;

describe('the campaigns in force', () => {
  const opened = (...past: readonly (readonly [at: number, event: CampaignEvent])[]) => {
    const campaigns = createCampaigns();
    const fact = factMaker(demo);
    const apply = (at: number, event: { type: string; data: unknown }, stream = 'campaign') =>
      campaigns.apply(fact(`${stream}-demo.spring`, event.type, event.data, at));
    for (const [at, event] of past) apply(at, event);
    const versionsAt = (at: number) =>
      campaigns.at(demo, at).set.campaigns.map((one) => one.campaign.version);
    return { campaigns, apply, versionsAt };
  };

  it('are none where there is none, and cost nothing', () => {
    const { campaigns } = opened();
    const one = campaigns.at(demo, 5);
    expect(one.set.campaigns).to.deep.equal([]);
    expect(campaigns.at('other' as TenantId, 9)).to.equal(one);
  });

  it('are those of the moment that is asked for, without a timer', () => {
    const { versionsAt } = opened(
      [0, drafted()],
      [10, activated()],
      [20, drafted(2)],
      [20, scheduled(2, 100, 200)],
    );
    expect([5, 10, 99, 100, 199, 200].map(versionsAt)).to.deep.equal([[], [1], [1], [2], [2], []]);
  });

  it('are compiled once until the next turn', () => {
    const { campaigns } = opened([0, drafted()], [10, activated()], [20, scheduled(1, 100, 200)]);
    const of = (at: number) => campaigns.at(demo, at);
    expect(of(150)).to.equal(of(199));
    expect(of(199)).not.to.equal(of(200));
    expect(of(12)).to.equal(of(11));
  });

  it('answer for a late receipt what held then, whatever happened since', () => {
    const { versionsAt, apply } = opened([0, drafted()], [10, activated()]);
    expect(versionsAt(60)).to.deep.equal([1]);
    apply(50, pausedEvent);
    expect([49, 60].map(versionsAt)).to.deep.equal([[1], []]);
    apply(70, endedEvent);
    expect([49, 60, 80].map(versionsAt)).to.deep.equal([[1], [], []]);
  });

  it('keep every version for receipts of the past', () => {
    const { campaigns } = opened([0, drafted()], [10, activated()], [20, drafted(2, 'ann', 500)]);
    expect(campaigns.definition(demo, spring, 1)).to.deep.equal(campaign(1));
    expect(campaigns.definition(demo, spring, 2)?.version).to.equal(2);
    expect(campaigns.definition(demo, spring, 3)).to.equal(undefined);
    expect(campaigns.versions(demo)).to.equal(2);
    expect(campaigns.definition('other' as TenantId, spring, 1)).to.equal(undefined);
  });

  it('have the caps of the programme as they were', () => {
    const { campaigns, apply } = opened();
    const caps = { perReceipt: { basisPoints: 3_000 } };
    const rules = { version: 1, rules: { approval: 'none', caps } };
    apply(50, { type: 'CampaignRulesSet', data: rules }, 'programme');
    expect(campaigns.at(demo, 49).set.caps).to.deep.equal({});
    expect(campaigns.at(demo, 50).set.caps).to.deep.equal(caps);
    expect(campaigns.rules(demo)).to.deep.include(rules);
  });

  it('tell the limits of those that have some', () => {
    const { campaigns, apply } = opened();
    const limits = { perCustomer: { uses: 2, per: 'day' } };
    const event = drafted() as Extract<CampaignEvent, { type: 'CampaignDrafted' }>;
    const limited = { ...event.data.campaign, limits };
    apply(0, { type: 'CampaignDrafted', data: { ...event.data, campaign: limited } });
    apply(1, activated());
    expect([...campaigns.at(demo, 2).limits]).to.deep.equal([[spring, limits]]);
  });

  it('keep a bounded number of sets, and none of what changed', () => {
    const turns = Array.from({ length: 60 }, (_, index) => [index, activated(1)] as const);
    const { campaigns, versionsAt } = opened([0, drafted()], ...turns);
    for (let at = 0; at < 60; at += 1) expect(versionsAt(at)).to.deep.equal([1]);
    expect(campaigns.at(demo, 3)).not.to.equal(campaigns.at(demo, 59));
    expect(campaigns.at(demo, 59)).to.equal(campaigns.at(demo, 60));
  });
});
