/** Whatever a campaign or a coupon is refused for, the cashier reads words, and the guide says what they mean. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { refusalCodes } from '../../../domain/pricing/priced.js';
import { couponRefusals } from '../../../domain/pricing/texts.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const sources = ['commands/coupon/shown.ts', 'domain/coupon/coupon.ts', 'domain/coupon/grants.ts'];
const read = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');
const codesIn = (text: string, quote: string): string[] => [
  ...new Set(
    [...text.matchAll(new RegExp(`${quote}(coupon-[a-z-]+)${quote}`, 'g'))].map(
      ([, code]) => code ?? '',
    ),
  ),
];
/** Of commands about coupons, not of coupons on receipts. */
const ofCommands = ['coupon-not-found'];

describe('the refusal of a coupon', () => {
  const onReceipts = sources
    .flatMap((path) => codesIn(read(path), "'"))
    .filter((code) => !ofCommands.includes(code));

  it('has words for the cashier, whatever the reason', () => {
    expect(onReceipts).to.include.members(['coupon-reserved', 'coupon-spent', 'coupon-used-up']);
    for (const code of [...onReceipts, ...Object.keys(refusalCodes)]) {
      expect(couponRefusals, code).to.have.property(code);
    }
  });

  it('is never worded for a reason that nothing gives', () => {
    const given = [...onReceipts, ...Object.keys(refusalCodes)];
    const others = ['one-of-series-only', 'no-campaign', 'not-needed'];
    expect(Object.keys(couponRefusals)).to.have.members([...new Set(given), ...others]);
  });

  it('stands in the guide', () => {
    const guide = read('docs/guides/coupons.md');
    for (const code of onReceipts) expect(guide, code).to.include(`\`${code}\``);
  });
});
