/** Which schemas are taken, and that those which are taken take no longer than the data are long. */
import { expect } from 'chai';
import {
  acceptableSchema,
  createCompiledSchemas,
  faultsOf,
} from '../../../commands/schema/compile.js';
import type { InvalidInput } from '../../../commands/validation.js';
import { isMultiple } from '../../../domain/schema/decimal.js';
import { inclusionFaults } from '../../../domain/schema/inclusion.js';
import { documentOf, type Schema } from '../../../domain/schema/schema.js';
import { processorMsOf } from '../processorTime.js';

const compiled = createCompiledSchemas();
const faultsIn = (schema: object, data: unknown): string[] =>
  faultsOf(compiled.of(acceptableSchema(schema, '')), data).map(({ pointer }) => pointer);
const pointersOf = (older: Schema, newer: Schema): string[] =>
  inclusionFaults(documentOf(older), documentOf(newer)).map(({ pointer }) => pointer);

const tree = {
  $ref: '#/$defs/node',
  $defs: {
    node: {
      type: 'object',
      required: ['value'],
      properties: {
        value: { type: 'integer' },
        left: { $ref: '#/$defs/node' },
        right: { $ref: '#/$defs/node' },
      },
    },
  },
};

describe('schemas', () => {
  it('may refer to themselves, as trees do', () => {
    expect(
      faultsIn(tree, { value: 1, left: { value: 2 }, right: { value: 3, left: {} } }),
    ).to.deep.equal(['/right/left/value']);
  });

  it('say of short arrays what stands beside prefixItems', () => {
    const schema = {
      prefixItems: [{ type: 'string' }, true],
      contains: { type: 'number' },
      uniqueItems: true,
    };
    expect(faultsIn(schema, [])).to.deep.equal(['']);
    expect(faultsIn(schema, ['a'])).to.include('');
    expect(faultsIn(schema, ['a', 5])).to.deep.equal([]);
    expect(faultsIn(schema, ['a', 5, 5])).to.deep.equal(['']);
  });

  it('know only what an object has itself', () => {
    expect(faultsIn({ required: ['toString'] }, {})).to.deep.equal(['/toString']);
    expect(faultsIn({ properties: { constructor: { type: 'string' } } }, {})).to.deep.equal([]);
  });

  it('count in decimals', () => {
    expect(faultsIn({ multipleOf: 0.01 }, 19.99)).to.deep.equal([]);
    expect(faultsIn({ multipleOf: 0.01 }, 19.999)).to.deep.equal(['']);
    expect([isMultiple(1e300, 3e299), isMultiple(0.3, 0.1), isMultiple(-6, 4)]).to.deep.equal([
      false,
      true,
      false,
    ]);
  });

  it('know dates, mail addresses and the other formats, of bounded length', () => {
    const format = (name: string, text: string) => faultsIn({ format: name }, text).length === 0;
    expect(format('date-time', '2026-03-01T12:00:00Z')).to.equal(true);
    expect(format('date', '2026-02-30')).to.equal(false);
    expect(format('email', 'a@example.com')).to.equal(true);
    expect(format('email', `a@${'a'.repeat(1_000)}.com`)).to.equal(false);
    expect(format('uuid', 'no')).to.equal(false);
  });

  it('take a time that grows with the data alone', () => {
    const list = Array.from({ length: 40_000 }, (_, i) => ({ i }));
    const took = processorMsOf(() => {
      expect(faultsIn({ uniqueItems: true }, list)).to.deep.equal([]);
      expect(faultsIn({ items: { properties: { i: { type: 'string' } } } }, list)).to.deep.equal([
        '/0/i',
      ]);
      faultsIn({ format: 'email' }, 'a'.repeat(200_000));
      faultsIn({ pattern: '^(a|a)*$' }, `${'a'.repeat(100_000)}!`);
    });
    expect(took).to.be.lessThan(2_000);
  });

  it('are refused with a pointer to the place', () => {
    try {
      acceptableSchema({ properties: { a: { patternProperties: { '(?=x)': true } } } }, '/schema');
      expect.fail('it was taken');
    } catch (error) {
      expect((error as InvalidInput).faults[0]?.pointer).to.equal(
        '/schema/properties/a/patternProperties',
      );
    }
  });
});

describe('a changed schema', () => {
  const car = {
    type: 'object',
    required: ['brand'],
    properties: { brand: { type: 'string' }, doors: { type: 'integer', minimum: 2 } },
  };
  const closed = { ...car, additionalProperties: false };
  const withCar = (properties: object, more: object = {}) => ({
    ...car,
    properties: { ...car.properties, ...properties },
    ...more,
  });

  const kind = (k: string) => ({
    type: 'object',
    required: ['k'],
    properties: { k: { const: k } },
  });

  const wider: readonly (readonly [string, Schema, Schema])[] = [
    [
      'another optional field of a closed object',
      closed,
      { ...closed, properties: { ...car.properties, colour: { enum: ['red'] } } },
    ],
    ['a field that may be left out now', car, { ...car, required: [] }],
    ['a type more', car, withCar({ doors: { type: ['integer', 'string'], minimum: 2 } })],
    ['a value more', { enum: ['a', 'b'] }, { enum: ['b', 'c', 'a'] }],
    [
      'a limit that is further away',
      withCar({ doors: { type: 'integer', exclusiveMinimum: 3 } }),
      withCar({ doors: { type: 'number', minimum: 4 } }),
    ],
    [
      'another way to say it',
      { type: ['string', 'null'] },
      { anyOf: [{ type: 'null' }, { type: 'string' }] },
    ],
    ['definitions that were given names', car, { $ref: '#/$defs/car', $defs: { car } }],
    ['one of several kinds more', { oneOf: [kind('a')] }, { oneOf: [kind('a'), kind('b')] }],
    [
      'a tree with more in it',
      tree,
      { ...tree, $defs: { node: { ...tree.$defs.node, required: [] } } },
    ],
  ];
  for (const [what, older, newer] of wider) {
    it(`takes what was taken: ${what}`, () => expect(pointersOf(older, newer)).to.deep.equal([]));
  }

  const narrower: readonly (readonly [string, Schema, Schema, string])[] = [
    [
      'another field that is required',
      car,
      { ...car, required: ['brand', 'doors'] },
      '/required/1',
    ],
    [
      'a type for what could be anything',
      car,
      withCar({ colour: { type: 'string' } }),
      '/properties/colour/type',
    ],
    ['an object that was closed', car, closed, '/additionalProperties'],
    ['a value less', { enum: ['a', 'b'] }, { enum: ['a'] }, '/enum'],
    [
      'a longer least length',
      withCar({ brand: { type: 'string', minLength: 1 } }),
      withCar({ brand: { type: 'string', minLength: 2 } }),
      '/properties/brand/minLength',
    ],
    ['another pattern', { pattern: '^a' }, { pattern: '^ab' }, '/pattern'],
    [
      'a tree of which more is asked',
      tree,
      { ...tree, $defs: { node: { ...tree.$defs.node, required: ['value', 'left'] } } },
      '/$defs/node/required/1',
    ],
    ['something that is excluded', { type: 'string' }, { not: { const: 'x' } }, '/not'],
  ];
  for (const [what, older, newer, pointer] of narrower) {
    it(`may refuse what was taken: ${what}`, () =>
      expect(pointersOf(older, newer)).to.include(pointer));
  }
});
