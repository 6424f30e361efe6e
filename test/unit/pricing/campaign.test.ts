import { expect } from 'chai';
import { Campaign } from '../../../domain/pricing/campaign.js';
import { faultsOf } from '../../../domain/pricing/faults.js';
import { checkSchema } from './checkSchema.js';
import { workedFiles } from './receiptTable.js';

const campaign = {
  campaignId: 'dairy10',
  version: 1,
  name: '10 % off dairy',
  priority: 1,
  rewards: [{ kind: 'percent', basisPoints: 1_000 }],
};
const faults = (changes: object) => faultsOf({ ...campaign, ...changes }, checkSchema);

describe('a campaign as it is written down', () => {
  it('is known by its schema as a whole', () => {
    const campaigns = workedFiles.flatMap((file) => file.campaigns);
    expect(campaigns.flatMap((one) => checkSchema(Campaign, one))).to.deep.equal([]);
  });

  it('is refused by the schema for an unknown condition however deep', () => {
    const when = { and: [{ not: { or: [{ kind: 'moon', phase: 'full' }] } }] };
    expect(checkSchema(Campaign, { ...campaign, when })).not.to.be.empty;
  });

  it('has no fault as it stands', () => {
    expect(faults({})).to.deep.equal([]);
  });

  it('is told which condition is unknown, and which there are', () => {
    const [fault, ...others] = faults({ when: { and: [{ not: { kind: 'moon' } }] } });
    expect(others).to.deep.equal([]);
    expect(fault?.pointer).to.equal('/when/and/0/not/kind');
    expect(fault?.reason).to.contain('weekday');
  });

  it('is told which argument of which condition is wrong', () => {
    expect(
      faults({ when: { or: [{ kind: 'weekday', days: ['mon', 'someday'] }] } }),
    ).to.containSubset([{ pointer: '/when/or/0/days/1' }]);
  });

  it('is told of a fault in the lines of a reward', () => {
    const lines = { kind: 'contains', lines: { kind: 'brand', brands: [] } };
    expect(faults({ rewards: [{ kind: 'percent', basisPoints: 1_000, lines }] })).to.containSubset([
      { pointer: '/rewards/0/lines/lines/brands' },
    ]);
  });

  it('is told of an argument that a reward does not know', () => {
    expect(
      faults({ rewards: [{ kind: 'percent', basisPoints: 1_000, percent: 10 }] }),
    ).to.deep.equal([{ pointer: '/rewards/0/percent', reason: 'is not a known field' }]);
  });

  const senseless: [string, object, string][] = [
    ['an empty range', { when: { kind: 'unit-price', min: 2, max: 1 } }, '/when/min'],
    [
      'an empty range inside',
      {
        when: {
          kind: 'contains',
          lines: { kind: 'product', productIds: ['a'] },
          quantity: { min: 2, max: 1 },
        },
      },
      '/when/quantity/min',
    ],
    ['two words in one node', { when: { and: [{ kind: 'known-customer' }], or: [] } }, '/when'],
    ['no reward', { rewards: [] }, '/rewards'],
    ['a reward of no kind', { rewards: [{ kind: 'wish' }] }, '/rewards/0/kind'],
    [
      'a bundle without a price',
      {
        rewards: [
          { kind: 'bundle', parts: [{ lines: { kind: 'product', productIds: ['a'] }, units: 1 }] },
        ],
      },
      '/rewards/0',
    ],
    [
      'a set that is all free',
      { rewards: [{ kind: 'cheapest-free', every: 2, free: 2 }] },
      '/rewards/0/free',
    ],
    [
      'chances of more than a million',
      {
        rewards: [
          {
            kind: 'instant-win',
            game: 'g',
            prizes: [
              { prize: 'a', chance: 600_000 },
              { prize: 'b', chance: 600_000 },
            ],
          },
        ],
      },
      '/rewards/0/prizes',
    ],
    [
      'two draws',
      {
        rewards: [0, 1].map(() => ({
          kind: 'instant-win',
          game: 'g',
          prizes: [{ prize: 'a', chance: 1 }],
        })),
      },
      '/rewards/1',
    ],
    [
      'an end before its beginning',
      { valid: { from: '2026-03-02T00:00:00Z', until: '2026-03-01T00:00:00Z' } },
      '/valid/until',
    ],
    ['an id with a dash', { campaignId: 'dairy-10' }, '/campaignId'],
  ];
  for (const [what, changes, pointer] of senseless) {
    it(`is refused for ${what}`, () => {
      expect(faults(changes).map((fault) => fault.pointer)).to.deep.equal([pointer]);
    });
  }

  it('is refused where conditions are nested without end', () => {
    let when: unknown = { kind: 'known-customer' };
    for (let depth = 0; depth < 100; depth += 1) when = { not: when };
    expect(faults({ when })[0]?.reason).to.contain('deeper');
  });
});
