import { expect } from 'chai';
import { mayReach, rangeOf } from '../../../platform/outbound/addresses.js';

/** First and last address of every refused block, and its neighbours where those are public. */
const refused = [
  ...['0.0.0.0', '0.255.255.255', '10.0.0.0', '10.255.255.255', '100.64.0.0', '100.127.255.255'],
  ...['127.0.0.1', '127.255.255.255', '169.254.0.0', '169.254.169.254', '169.254.255.255'],
  ...['172.16.0.0', '172.31.255.255', '192.0.0.0', '192.0.0.255', '192.0.2.0', '192.0.2.255'],
  ...['192.88.99.0', '192.88.99.255', '192.168.0.0', '192.168.255.255', '198.18.0.0'],
  ...['198.19.255.255', '198.51.100.0', '198.51.100.255', '203.0.113.0', '203.0.113.255'],
  ...['224.0.0.0', '239.255.255.255', '240.0.0.0', '255.255.255.255'],
  ...['::', '::1', '::ffff:8.8.8.8', '::ffff:127.0.0.1', '::8.8.8.8', 'ff:ffff::'],
  ...['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b::192.168.1.1', '64:ff9b:1::1'],
  ...['100::', '100::ffff:ffff:ffff:ffff', '2001::', '2001:1ff:ffff::', '2001:db8::'],
  ...['2001:db8:ffff::', '2002::', '2002:7f00:1::', '2002:ffff::', '3fff::', '3fff:fff:ffff::'],
  ...['5f00::', '5f00:ffff::', 'fc00::', 'fdff::', 'fe80::1', 'febf::', 'fec0::', 'feff::'],
  ...['ff00::', 'ff02::1', 'ffff::'],
];

const reached = [
  ...['1.0.0.0', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0'],
  ...['126.255.255.255', '128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255'],
  ...['172.32.0.0', '191.255.255.255', '192.0.1.0', '192.0.3.0', '192.88.98.255', '192.88.100.0'],
  ...['192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '198.51.99.255'],
  ...['198.51.101.0', '203.0.112.255', '203.0.114.0', '223.255.255.255'],
  ...['64:ff9b::8.8.8.8', '100:1::', '2001:200::', '2001:4860:4860::8888', '2003::', '2a00::1'],
  ...['3ffe::', '4000::', '5eff::', 'fbff::'],
];

describe('addresses that strangers may have called', () => {
  for (const address of refused) {
    it(`are not ${address}`, () => expect(mayReach(address)).to.equal(false));
  }
  for (const address of reached) {
    it(`are ${address}`, () => expect(mayReach(address)).to.equal(true));
  }

  it('are nothing that is no address', () => {
    for (const text of ['', 'localhost', '8.8.8', '8.8.8.8.8', 'g::1', '8.8.8.8/8']) {
      expect(mayReach(text), text).to.equal(false);
    }
  });

  it('are those of a range that was opened, and no others', () => {
    const opened = [rangeOf('10.1.0.0/16'), rangeOf('fd00:1::/32')];
    expect(mayReach('10.1.2.3', opened)).to.equal(true);
    expect(mayReach('10.2.0.1', opened)).to.equal(false);
    expect(mayReach('fd00:1::5', opened)).to.equal(true);
    expect(mayReach('fd00:2::5', opened)).to.equal(false);
    expect(mayReach('64:ff9b::10.1.0.1', opened)).to.equal(true);
    expect(mayReach('::ffff:10.1.0.1', opened)).to.equal(false);
  });

  it('cannot be opened by what is no range', () => {
    for (const text of ['10.0.0.0', '10.0.0.0/33', 'intranet', '']) {
      expect(() => rangeOf(text), text).to.throw('is no address range');
    }
  });
});
