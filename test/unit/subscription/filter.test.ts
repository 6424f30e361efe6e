import { Ajv } from 'ajv';
import { expect } from 'chai';
import fc from 'fast-check';
import { depthOf, EventFilter, wants } from '../../../domain/subscription/filter.js';

const chosen = {
  type: 'com.dealer.car.chosen',
  source: '/dealers/7',
  subject: 'car:42',
  datacontenttype: 'application/json',
};

const cases: readonly (readonly [title: string, filter: EventFilter, wanted: boolean])[] = [
  ['exact', { exact: { type: 'com.dealer.car.chosen' } }, true],
  ['exact that differs in case', { exact: { type: 'com.dealer.Car.chosen' } }, false],
  ['exact of two, one wrong', { exact: { type: 'com.dealer.car.chosen', source: '/x' } }, false],
  ['prefix', { prefix: { type: 'com.dealer.', subject: 'car:' } }, true],
  ['suffix', { suffix: { type: '.chosen' } }, true],
  ['an attribute that is missing', { prefix: { partner: 'a' } }, false],
  ['a name that every object has', { exact: { constructor: 'x' } }, false],
  ['all', { all: [{ prefix: { type: 'com' } }, { suffix: { subject: '42' } }] }, true],
  ['all but one', { all: [{ prefix: { type: 'com' } }, { exact: { subject: 'x' } }] }, false],
  ['any', { any: [{ exact: { subject: 'x' } }, { suffix: { type: '.chosen' } }] }, true],
  ['none of any', { any: [{ exact: { subject: 'x' } }, { exact: { subject: 'y' } }] }, false],
  ['not', { not: { exact: { subject: 'x' } } }, true],
  ['not of what is missing', { not: { exact: { partner: 'a' } } }, true],
];

const attributes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('x', 'xy', 'y'), {
  noNullPrototype: true,
});
const leaf = fc
  .tuple(
    fc.constantFrom('exact', 'prefix', 'suffix'),
    fc.constantFrom('a', 'b', 'c'),
    fc.constantFrom('x', 'xy', 'y'),
  )
  .map(([dialect, name, text]) => ({ [dialect]: { [name]: text } }) as EventFilter);
const filters = fc.letrec<{ filter: EventFilter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    fc.array(tie('filter'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    tie('filter').map((not) => ({ not })),
  ),
})).filter;

describe('filters of a subscription', () => {
  for (const [title, filter, wanted] of cases) {
    it(`know ${title}`, () => expect(wants(filter, chosen)).to.equal(wanted));
  }

  it('obey the laws of logic', () => {
    fc.assert(
      fc.property(filters, filters, attributes, (one, other, given) => {
        expect(wants({ not: { not: one } }, given)).to.equal(wants(one, given));
        const both = wants({ all: [one, other] }, given);
        expect(both).to.equal(!wants({ any: [{ not: one }, { not: other }] }, given));
      }),
    );
  });

  it('are of the published shape, every one that can be judged and no other', () => {
    const isFilter = new Ajv().compile(EventFilter);
    fc.assert(
      fc.property(filters, (filter) => {
        expect(isFilter(filter)).to.equal(true);
      }),
    );
    const wrong: unknown[] = [
      {},
      { exact: {} },
      { exact: { type: '' } },
      { exact: { Type: 'x' } },
      { exact: { type: 5 } },
      { all: [] },
      { exact: { a: 'x' }, prefix: { a: 'x' } },
      { sql: "type = 'a'" },
      { not: [] },
      null,
    ];
    for (const filter of wrong) expect(isFilter(filter), JSON.stringify(filter)).to.equal(false);
  });

  it('tell how deep they are', () => {
    expect(depthOf({ exact: { a: 'x' } })).to.equal(1);
    expect(
      depthOf({ not: { all: [{ exact: { a: 'x' } }, { not: { prefix: { a: 'x' } } }] } }),
    ).to.equal(4);
  });
});
