import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { faultsIn } from '../../../commands/validation.js';

/** A chain of its own for every case: what is compiled once stays so. */
const chainOf = (id: string) =>
  Type.Recursive(
    (This) => Type.Object({ next: Type.Optional(This) }, { additionalProperties: false }),
    { $id: id },
  );
const within = (chain: ReturnType<typeof chainOf>) => Type.Object({ chain: Type.Optional(chain) });
const pointers = (...asked: Parameters<typeof faultsIn>) =>
  faultsIn(...asked).map(({ pointer }) => pointer);

describe('a schema that refers to itself', () => {
  it('stands alone, and then in others', () => {
    const chain = chainOf('ChainFirst');
    expect(pointers(chain, { next: { next: {} } })).to.deep.equal([]);
    expect(pointers(chain, { next: { last: 1 } })).to.deep.equal(['/next/last']);
    for (const outer of [within(chain), Type.Union([chain, Type.Null()])]) {
      expect(pointers(outer, {})).to.deep.equal([]);
    }
    expect(pointers(within(chain), { chain: { next: 5 } })).to.deep.equal(['/chain/next']);
  });

  it('stands in others, and then alone, as often as it is asked for', () => {
    const chain = chainOf('ChainLast');
    const outer = within(chain);
    expect(pointers(outer, { chain: { last: 1 } })).to.deep.equal(['/chain/last']);
    expect(pointers(within(chain), { chain: {} })).to.deep.equal([]);
    for (let i = 0; i < 3; i += 1) {
      expect(pointers(chain, { next: { last: 1 } })).to.deep.equal(['/next/last']);
      expect(pointers(outer, { chain: { next: { last: 1 } } })).to.deep.equal(['/chain/next/last']);
    }
  });
});

describe('faults in words', () => {
  const classOf = Type.Union([Type.Literal('otp'), Type.Literal('service'), Type.Null()]);
  const Message = Type.Object({
    class: classOf,
    to: Type.Object({ email: Type.Optional(Type.String()) }, { minProperties: 1 }),
    size: Type.Optional(Type.Union([Type.Number(), Type.String()])),
    number: Type.Optional(Type.String({ pattern: '^[0-9]+$', examples: ['17'] })),
  });

  it('tell a value that is none of a choice once', () => {
    expect(faultsIn(Message, { class: 'fax', to: { email: 'a' } })).to.deep.equal([
      { pointer: '/class', reason: 'must be one of ["otp","service",null]' },
    ]);
  });

  it('tell what an object that must not be empty can hold', () => {
    expect(faultsIn(Message, { class: 'otp', to: {} })).to.deep.equal([
      { pointer: '/to', reason: 'must hold at least 1 of: email' },
    ]);
  });

  it('give an example beside a pattern, and keep every fault of a choice among kinds', () => {
    const faults = faultsIn(Message, { class: null, to: { email: 'a' }, size: true, number: 'x' });
    expect(faults.map(({ reason }) => reason)).to.deep.equal([
      'must be number',
      'must be string',
      'must match a schema in anyOf',
      'must match pattern "^[0-9]+$", such as 17',
    ]);
  });
});
