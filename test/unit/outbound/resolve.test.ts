import type { LookupAddress } from 'node:dns';
import { expect } from 'chai';
import { rangeOf } from '../../../platform/outbound/addresses.js';
import { AddressRefused, guardedLookup, type Resolve } from '../../../platform/outbound/resolve.js';

const answering =
  (...addresses: readonly string[]): Resolve =>
  (_host, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

const lookUp = (
  resolve: Resolve,
  options: { all?: boolean; family?: number } = {},
  opened = ['10.9.0.0/16'],
) =>
  new Promise<string | LookupAddress[]>((resolved, rejected) => {
    guardedLookup(opened.map(rangeOf), resolve)('shop.example', options, (error, found) =>
      error ? rejected(error) : resolved(found),
    );
  });

const refusal = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => null,
    (error: unknown) => error,
  );

describe('looking up the name of an endpoint', () => {
  it('gives the addresses that were judged', async () => {
    expect(await lookUp(answering('8.8.8.8', '2a00::1'), { all: true })).to.deep.equal([
      { address: '8.8.8.8', family: 4 },
      { address: '2a00::1', family: 6 },
    ]);
    expect(await lookUp(answering('8.8.8.8'))).to.equal('8.8.8.8');
    expect(await lookUp(answering('8.8.8.8', '2a00::1'), { family: 6 })).to.equal('2a00::1');
  });

  it('refuses all where one is refused, even of the family that is not wanted', async () => {
    for (const addresses of [['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['8.8.8.8', '::1']]) {
      const error = await refusal(lookUp(answering(...addresses), { all: true, family: 4 }));
      expect(error, addresses.join()).to.be.instanceOf(AddressRefused);
    }
  });

  it('lets opened ranges through', async () => {
    expect(await lookUp(answering('10.9.1.1'))).to.equal('10.9.1.1');
  });

  it('passes on that a name is not known, or has no address', async () => {
    const unknown: Resolve = (_host, done) => done(new Error('ENOTFOUND'), []);
    expect(String(await refusal(lookUp(unknown)))).to.contain('ENOTFOUND');
    expect(String(await refusal(lookUp(answering())))).to.contain('has no address');
  });
});
