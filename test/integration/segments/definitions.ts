/** Definitions of segments at random, with bounds where the histories have values. */
import fc from 'fast-check';
import type { MerchantId, ProductId } from '../../../domain/ids.js';
import type { SimpleAccountCondition } from '../../../domain/segment/conditions.js';
import type { AccountTree } from '../../../domain/segment/conditionTree.js';
import { dayMs } from '../../../domain/segment/figures.js';
import type { Rfm } from '../../../domain/segment/rfm.js';
import { usualGroups } from '../../../domain/segment/rfmGroups.js';
import { start } from './histories.js';

const days = fc.integer({ min: 1, max: 40 });
const optionally = <Value>(name: string, value: fc.Arbitrary<Value>) =>
  fc.option(value, { nil: null }).map((given) => (given === null ? {} : { [name]: given }));
const join = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);

const range = (...values: number[]) =>
  join(
    optionally('min', fc.constantFrom(...values)),
    optionally('max', fc.constantFrom(...values)),
  );
const time = fc
  .integer({ min: 0, max: 40 })
  .map((day) => new Date(start + day * dayMs).toISOString());
const moment = join(
  optionally('withinDays', days),
  optionally('longerAgoThanDays', days),
  optionally('from', time),
  optionally('until', time),
);
const within = optionally('days', days);
const some = <Value>(...values: Value[]) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });

const arguments_: Readonly<Record<SimpleAccountCondition['kind'], fc.Arbitrary<object>>> = {
  purchases: join(range(0, 1, 2, 3), within),
  spent: join(range(0, 100, 200, 500, 1_000), within),
  'last-purchase': moment,
  'first-purchase': moment,
  enrolled: moment,
  points: range(0, 50, 100, 1_000),
  tier: some('silver', 'gold', 'none').map((tiers) => ({ tiers })),
  language: some('de', 'de-at', 'sr', 'sr-Latn', 'sr-Cyrl', 'fr-CA').map((languages) => ({
    languages,
  })),
  merchant: join(
    some(1, 2, 3).map((merchants) => ({ merchants: merchants as MerchantId[] })),
    within,
  ),
  product: join(
    some('milk', 'bread', 'bag', 'unlisted').map((products) => ({
      products: products as ProductId[],
    })),
    within,
  ),
  category: join(
    some('dairy', 'bakery', 'none').map((categories) => ({ categories })),
    within,
  ),
};

export const kinds = Object.keys(arguments_) as SimpleAccountCondition['kind'][];

const condition = fc.oneof(
  ...kinds.map((kind) => arguments_[kind].map((given) => ({ kind, ...given }))),
) as fc.Arbitrary<SimpleAccountCondition>;

export const { tree } = fc.letrec<{ tree: AccountTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    condition,
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((and) => ({ and })),
    fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((or) => ({ or })),
    tie('tree').map((not) => ({ not })),
  ),
}));

const rising = (...values: number[]) =>
  fc
    .uniqueArray(fc.constantFrom(...values), { minLength: 4, maxLength: 4 })
    .map((four) => four.sort((a, b) => a - b));

export const rfm: fc.Arbitrary<Rfm> = join(
  fc.constant({ kind: 'analytic', by: 'rfm' }),
  within,
  fc.oneof(
    fc.constant({}),
    fc.constant({ bounds: 'quintiles' }),
    fc
      .record({
        recencyDays: rising(1, 2, 5, 10, 20, 30),
        frequency: rising(1, 2, 3, 4, 5, 6),
        monetary: rising(0, 100, 200, 500, 900, 1_500),
      })
      .map((bounds) => ({ bounds })),
  ),
  optionally('groups', fc.constant([...usualGroups])),
) as fc.Arbitrary<Rfm>;
