/**
 * A number below a limit, each as likely as any other, from bytes that look random: what draws of every kind are decided with.
 *
 * The first six bytes of HMAC-SHA256 under the seed are a number below 2^48. Those at or above the largest multiple of the limit
 * are passed over and the next is asked for (a remainder alone would favour small numbers), so anyone with the seed comes to the
 * same number. The hash is handed in: the domain knows no library.
 */

/** HMAC-SHA256 under the seed. */
export type KeyedHash = (message: string) => Uint8Array;

const bytesUsed = 6;
const range = 2 ** (8 * bytesUsed);
/** Of a fair hash each try fails with a chance below one in a hundred million; so many in a row never happen. */
const triesMax = 100;

export interface Drawn {
  /** From 0 to limit - 1. */
  readonly number: number;
  /** How many hashes were looked at. */
  readonly tries: number;
}

/** The n-th hash is of `message:n`, from `first` on. `limit`: 1 to 2^32. */
export const uniformBelow = (limit: number, hash: KeyedHash, message: string, first = 0): Drawn => {
  const fair = Math.floor(range / limit) * limit;
  for (let tries = 1; tries <= triesMax; tries += 1) {
    const bytes = hash(`${message}:${first + tries - 1}`);
    let value = 0;
    for (let index = 0; index < bytesUsed; index += 1) value = value * 256 + (bytes[index] ?? 0);
    if (value < fair) return { number: value % limit, tries };
  }
  throw new Error('the hash is not a hash: it gave no usable number a hundred times in a row');
};

/** In a million: the number of an instant win. */
export const instantNumber = (
  hash: KeyedHash,
  userId: string,
  purchaseId: string,
  campaignId: string,
): number => uniformBelow(1_000_000, hash, `${userId}\n${purchaseId}\n${campaignId}`).number;
