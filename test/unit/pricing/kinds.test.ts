import { expect } from 'chai';
import { conditionKinds } from '../../../domain/pricing/conditions.js';
import { rewardKinds } from '../../../domain/pricing/rewards.js';
import { workedFiles } from './receiptTable.js';

/** Every `kind` that stands anywhere in the campaigns of the worked receipts. */
const used = new Set<string>();
JSON.stringify(
  workedFiles.map(({ campaigns }) => campaigns),
  (key, value: unknown) => {
    if (key === 'kind') used.add(String(value));
    return value;
  },
);

for (const [what, kinds] of [
  ['condition', conditionKinds],
  ['reward', rewardKinds],
] as const) {
  describe(`every kind of ${what}`, () => {
    it('has a name of its own', () => {
      const names = kinds.map(({ kind }) => kind);
      expect(new Set(names).size).to.equal(names.length);
    });

    for (const { kind, summary, schema } of kinds) {
      it(`describes itself: ${kind}`, () => {
        expect(kind).to.match(/^[a-z]+(-[a-z]+)*$/);
        expect(summary).to.match(/^[A-Z].*\.$/);
        expect(schema.description).to.equal(summary);
        expect(schema.properties.kind.const).to.equal(kind);
      });

      it(`stands on a worked receipt: ${kind}`, () => {
        expect(used.has(kind), `${kind} in test/receipts`).to.equal(true);
      });
    }
  });
}
