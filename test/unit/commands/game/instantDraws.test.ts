import { expect } from 'chai';
import { instantDraws } from '../../../../commands/game/instantDraws.js';
import { createSeeds } from '../../../../commands/seeds.js';
import type { PurchaseId, TenantId, UserId } from '../../../../domain/ids.js';
import type { Campaign } from '../../../../domain/pricing/campaign.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';

const campaign = (campaignId: string, rewards: object[]) =>
  ({ campaignId, rewards }) as unknown as Pick<Campaign, 'campaignId' | 'rewards'>;
const win = { kind: 'instant-win', game: 'scratch', prizes: [] };
const receipt = (purchaseId: string, tenant = 'demo') => ({
  tenant: tenant as TenantId,
  userId: '8018000010000000000000013' as UserId,
  purchaseId: purchaseId as PurchaseId,
});

describe('the numbers of instant wins', () => {
  const seeds = createSeeds(createMemoryPersonalKeys());
  const campaigns = [campaign('plain', [{ kind: 'points-bonus' }]), campaign('fun', [win])];

  it('are drawn for the campaigns that play, and cost nothing where none does', async () => {
    expect(instantDraws(seeds, campaigns.slice(0, 1), receipt('p1'))).to.deep.equal({});
    const draws = await instantDraws(seeds, campaigns, receipt('p1'));
    expect(Object.keys(draws)).to.deep.equal(['fun']);
    expect(draws['fun']).to.be.within(0, 999_999);
  });

  it('are the same for a receipt that is sent again, and at once from the second on', async () => {
    const first = await instantDraws(seeds, campaigns, receipt('p1'));
    expect(instantDraws(seeds, campaigns, receipt('p1'))).to.deep.equal(first);
    expect(instantDraws(seeds, campaigns, receipt('p2'))).not.to.deep.equal(first);
  });

  it('differ between campaigns, and between programmes', async () => {
    const two = [campaign('fun', [win]), campaign('more', [win])];
    const draws = await instantDraws(seeds, two, receipt('p1'));
    expect(draws['fun']).not.to.equal(draws['more']);
    expect(await instantDraws(seeds, two, receipt('p1', 'other'))).not.to.deep.equal(draws);
  });
});
