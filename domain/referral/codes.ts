/**
 * The code by which a customer brings others: their number under a keyed permutation, in the letters of coupon codes. So it is derived
 * and not stored, and read back without looking anything up; and it may be given away: neither the number nor a card can be told from
 * it, which at a till would let a stranger spend the points.
 *
 * 24 digits (the check digit says nothing) are two halves of twelve, mixed by a Feistel network of decimal addition (ten rounds, as
 * in NIST SP 800-38G) and written as 16 letters. No MAC is needed: of 10^24 codes those of customers are so few that a misspelt or
 * invented one is nobody's, which the account that is then asked for tells.
 */
import { canonical, codeText, codeValue, printed } from '../coupon/codes.js';
import { blockBytes, type Prf } from '../coupon/permutation.js';
import { checkDigit, isGsrn } from '../gsrn.js';
import type { UserId } from '../ids.js';

const half = 10n ** 12n;
const rounds = 10;
const codeLetters = 16;
/** Blocks that begin with it are of referral codes: other uses of a key begin with another byte. */
const purpose = 0x52;

export interface ReferralCodes {
  /** In four groups, as it is shown. */
  readonly codeOf: (userId: UserId) => string;
  /** However it is typed; null for what is no code. Whether there is such a customer is not known here. */
  readonly userOf: (typed: string) => UserId | null;
}

/** `prf` is keyed by a key of the tenant that is used for nothing else. */
export const referralCodes = (prf: Prf): ReferralCodes => {
  const image = (round: number, value: bigint): bigint => {
    const block = new DataView(new ArrayBuffer(blockBytes));
    block.setUint8(0, purpose);
    block.setUint8(1, round);
    block.setBigUint64(8, value);
    const found = prf(new Uint8Array(block.buffer));
    return new DataView(found.buffer, found.byteOffset, found.byteLength).getBigUint64(0) % half;
  };
  return {
    codeOf: (userId) => {
      const number = BigInt(userId.slice(0, -1));
      let [left, right] = [number / half, number % half];
      for (let round = 0; round < rounds; round += 1) {
        [left, right] = [right, (left + image(round, right)) % half];
      }
      return printed(codeText(left * half + right, codeLetters));
    },
    userOf: (typed) => {
      const code = canonical(typed);
      const value = code.length === codeLetters ? codeValue(code) : null;
      if (value === null || value >= half * half) return null;
      let [left, right] = [value / half, value % half];
      for (let round = rounds - 1; round >= 0; round -= 1) {
        [left, right] = [(right + half - image(round, left)) % half, left];
      }
      const body = (left * half + right).toString().padStart(24, '0');
      const userId = `${body}${checkDigit(body)}`;
      return isGsrn(userId) ? userId : null;
    },
  };
};
