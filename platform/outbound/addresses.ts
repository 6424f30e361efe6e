/**
 * Which addresses a call on behalf of a stranger may reach: none that is this machine, a private network, or set aside by IANA. A
 * private network is opened only by naming its range.
 *
 * The table is of whole blocks (IANA's special-purpose registries, RFC 6890 and its followers). An IPv4 address inside a NAT64 one
 * is judged as itself; every other form in which IPv6 carries IPv4 (mapped, compatible, 6to4, Teredo) lies in a refused block.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

export interface AddressRange {
  readonly base: Address;
  readonly bits: number;
}

const blocks = (ranges: readonly string[]): readonly AddressRange[] => ranges.map(parsedRange);

const parsedRange = (text: string): AddressRange => {
  const [base, bits] = ipaddr.parseCIDR(text);
  return { base, bits };
};

const refusedBlocks = blocks([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/8',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

const nat64 = parsedRange('64:ff9b::/96');

const isWithin = (address: Address, { base, bits }: AddressRange): boolean =>
  address.kind() === base.kind() && address.match(base as never, bits);

/** The IPv4 address that a NAT64 gateway would call. */
const behindNat64 = (address: Address): Address => {
  if (!isWithin(address, nat64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
};

/** @throws Error that names the text: not `address/bits` with a plain address. */
export const rangeOf = (text: string): AddressRange => {
  // Spelt in full: ipaddr takes 10.1/16 for 10.0.0.0/16.
  if (!ipaddr.isValidCIDR(text) || isIP(text.split('/')[0] ?? '') === 0) {
    throw new Error(`${text} is no address range: write 10.1.0.0/16 or fd00::/8`);
  }
  return parsedRange(text);
};

/** @param address as the resolver gave it; whatever is not an address may not be reached either. */
export const mayReach = (address: string, opened: readonly AddressRange[] = []): boolean => {
  // The resolver's spelling alone: ipaddr takes 127.1 and 0x7f000001 as well.
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.parse(address);
  if (opened.some((range) => isWithin(parsed, range))) return true;
  const called = behindNat64(parsed);
  if (called !== parsed && opened.some((range) => isWithin(called, range))) return true;
  return !refusedBlocks.some((block) => isWithin(called, block));
};
