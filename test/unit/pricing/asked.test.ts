/** Lines are filed under what campaigns ask about: nobody misses what is left out. */
import { expect } from 'chai';
import fc from 'fast-check';
import { askedIn } from '../../../domain/pricing/asked.js';
import type { Campaign } from '../../../domain/pricing/campaign.js';
import { compileCampaigns } from '../../../domain/pricing/campaignSet.js';
import type { Asked } from '../../../domain/pricing/linesBy.js';
import { price } from '../../../domain/pricing/price.js';
import { campaigns, customer, receipt, rule } from './arbitrary.js';

const anything = { has: () => true } as unknown as ReadonlySet<string>;

const everything: Asked = {
  product: anything,
  brand: anything,
  categories: (of) =>
    of.split('/').map((_part, index, parts) => parts.slice(0, index + 1).join('/')),
  catalogue: true,
};

const campaignOf = (content: object): Campaign =>
  ({ campaignId: 'one', version: 1, name: 'One', priority: 1, ...content }) as Campaign;

describe('what campaigns ask about', () => {
  it('is enough: prices are those with every line filed under all that it has', () => {
    fc.assert(
      fc.property(campaigns, receipt, customer, rule, fc.nat(100_000), (given, ...request) => {
        const [bought, buyer, terms, redeemPoints] = request;
        const set = compileCampaigns(given);
        const priced = (asked: Asked) =>
          price({
            receipt: bought,
            customer: buyer,
            campaigns: { ...set, asked },
            rule: { ...terms, earn: { points: 1, per: 100 } },
            redeemPoints,
            tooManyPoints: 'limit',
          });
        expect(priced(set.asked)).to.deep.equal(priced(everything));
      }),
      { numRuns: 300 },
    );
  });

  it('is found wherever a condition stands', () => {
    const cheese = { kind: 'category', categories: ['dairy/cheese'] };
    const milk = { kind: 'product', productIds: ['milk'] };
    const roast = { kind: 'brand', brands: ['Roast'] };
    const asked = askedIn([
      campaignOf({
        when: { or: [{ not: cheese }, { kind: 'contains', lines: milk }] },
        rewards: [{ kind: 'bundle', parts: [{ lines: roast, units: 1 }], price: 100 }],
      }),
    ]);
    expect([...asked.product]).to.deep.equal(['milk']);
    expect([...asked.brand]).to.deep.equal(['Roast']);
    expect(asked.categories('dairy/cheese/blue')).to.deep.equal(['dairy/cheese']);
    expect(asked.categories('dairy')).to.deep.equal([]);
    expect(asked.catalogue).to.equal(true);
  });

  it('is nothing of the catalogue where products alone matter', () => {
    const lines = { kind: 'product', productIds: ['milk'] };
    const rewards = [{ kind: 'percent', basisPoints: 1_000, lines }];
    expect(askedIn([campaignOf({ rewards })]).catalogue).to.equal(false);
    const attribute = { kind: 'line-attribute', name: 'organic' };
    expect(askedIn([campaignOf({ when: attribute, rewards })]).catalogue).to.equal(true);
  });
});
