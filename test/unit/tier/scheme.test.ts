import { setTierScheme, tiers, type TierScheme } from '../../../domain/tier/scheme.js';
import { specification } from '../registry/spec.js';

const given = specification(tiers);
const scheme: TierScheme = {
  basis: 'spent',
  window: { kind: 'year' },
  levels: [
    { name: 'silver', from: 10 },
    { name: 'gold', from: 20 },
  ],
  graceDays: 0,
  downgrade: 'reached',
};
const first = { type: 'TierSchemeSet', data: { version: 1, scheme } } as const;

describe('the scheme of tiers', () => {
  it('is set, and a change is a version of its own', () => {
    given()
      .when((state) => setTierScheme({ scheme }, state))
      .then(first);
    const changed = { ...scheme, graceDays: 30 };
    given(first)
      .when((state) => setTierScheme({ scheme: changed }, state))
      .then({ type: 'TierSchemeSet', data: { version: 2, scheme: changed } });
  });

  it('is not set twice', () => {
    given(first)
      .when((state) => setTierScheme({ scheme: structuredClone(scheme) }, state))
      .thenNothing();
  });

  it('refuses levels that do not ascend, or share a name', () => {
    const level = (name: string, from: number) => ({ name, from });
    for (const levels of [
      [level('silver', 20), level('gold', 20)],
      [level('silver', 20), level('gold', 10)],
      [level('gold', 10), level('gold', 20)],
    ]) {
      given()
        .when((state) => setTierScheme({ scheme: { ...scheme, levels } }, state))
        .thenRejected('tiers-not-ascending');
    }
  });
});
