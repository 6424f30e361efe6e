/**
 * Names to addresses for calls on behalf of strangers: the addresses that were judged are the ones that are dialled, so a name that
 * answers otherwise the second time gains nothing. If one of a name's addresses is refused, all are.
 */
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type AddressRange, mayReach } from './addresses.js';

/** The endpoint's name stands for an address that may not be reached. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  readonly code = 'ADDRESS_REFUSED';
  constructor(
    readonly host: string,
    readonly address: string,
  ) {
    super(
      `${host} is ${address}, which may not be reached: name a public address, or have its range opened`,
    );
  }
}

export type Resolve = (
  host: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

const bySystem: Resolve = (host, done) =>
  systemLookup(host, { all: true, verbatim: true }, (error, addresses) => done(error, addresses));

const judge = (
  host: string,
  addresses: readonly LookupAddress[],
  opened: readonly AddressRange[],
): void => {
  for (const { address } of addresses) {
    if (!mayReach(address, opened)) throw new AddressRefused(host, address);
  }
};

/** For a socket's own look-up. */
export const guardedLookup = (
  opened: readonly AddressRange[],
  resolve: Resolve = bySystem,
): LookupFunction => {
  return (host: string, options: LookupOptions, done) => {
    resolve(host, (error, found) => {
      if (error) return done(error, '', 0);
      const wanted = found.filter(({ family }) => !options.family || options.family === family);
      try {
        judge(host, found, opened);
      } catch (refusal) {
        return done(refusal as Error, '', 0);
      }
      const [first] = wanted;
      if (!first) return done(new Error(`${host} has no address`), '', 0);
      if (options.all) return done(null, wanted);
      return done(null, first.address, first.family);
    });
  };
};
