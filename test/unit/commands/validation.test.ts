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

  it('give an example beside a pattern, and say once of which types a value may be', () => {
    const faults = faultsIn(Message, { class: null, to: { email: 'a' }, size: true, number: 'x' });
    expect(faults.map(({ reason }) => reason)).to.deep.equal([
      'must be number or string',
      'must match pattern "^[0-9]+$", such as 17',
    ]);
  });

  describe('of one of several kinds', () => {
    const closed = { additionalProperties: false };
    const Email = Type.Object({ kind: Type.Literal('email'), email: Type.String() }, closed);
    const Phone = Type.Object(
      { kind: Type.Literal('phone'), phone: Type.String({ pattern: '^[0-9]+$' }) },
      closed,
    );
    const Sent = Type.Object({ to: Type.Array(Type.Union([Email, Phone, Type.Null()])) });
    const faultsOf = (...to: unknown[]) =>
      faultsIn(Sent, { to }).map(({ pointer, reason }) => `${pointer} ${reason}`);

    it('are those of the kind that is named', () => {
      expect(faultsOf({ kind: 'phone', phone: 'x' })).to.deep.equal([
        '/to/0/phone must match pattern "^[0-9]+$"',
      ]);
      expect(faultsOf({ kind: 'email', phone: '1' })).to.deep.equal([
        '/to/0/email is missing',
        '/to/0/phone is not a known field',
      ]);
    });

    it('name the kinds where none was named, or another', () => {
      expect(faultsOf(null, { phone: '1' }, { kind: 'fax' }, 5)).to.deep.equal([
        '/to/1/kind is missing: one of ["email","phone"]',
        '/to/2/kind must be one of ["email","phone"]',
        '/to/3 must be object or null',
      ]);
    });

    it('are those of the only kind that has the type of the value', () => {
      const Named = Type.Union([Type.Object({ name: Type.String() }), Type.Null()]);
      expect(pointers(Named, {})).to.deep.equal(['/name']);
    });

    it('are those of the one whose own field is there, or say which fields there could be', () => {
      const Either = Type.Union([
        Type.Object({ a: Type.String() }, closed),
        Type.Object({ b: Type.String(), c: Type.String() }, closed),
      ]);
      expect(pointers(Either, { b: 'x' })).to.deep.equal(['/c']);
      expect(faultsIn(Either, { d: 1 })).to.deep.equal([
        { pointer: '', reason: 'must hold a, or b with c' },
      ]);
    });

    it('are all of them where nothing says which was meant', () => {
      const Either = Type.Union([
        Type.Object({ a: Type.String() }),
        Type.Object({ b: Type.String() }),
      ]);
      expect(pointers(Either, { a: 1, b: 1 })).to.deep.equal(['/a', '/b', '']);
    });
  });
});
