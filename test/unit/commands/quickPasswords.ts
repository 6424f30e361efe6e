/**
 * Hashes passwords at next to no cost, for tests that log on over and over and are not about what a guess costs.
 *
 * Node's own scrypt does less work from the first to the last test of the block: the product has no setting that could weaken it.
 * What was hashed at the full cost is not recognised meanwhile, nor the other way round; what says a cost of at most 1024 always is.
 */
import crypto, { type ScryptOptions } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

type Done = (error: Error | null, key: Buffer) => void;

const costMax = 1_024;

/** To be called before anything else of the block. */
export const quickPasswords = (): void => {
  const { scrypt } = crypto;
  const put = (next: unknown): void => {
    Object.assign(crypto, { scrypt: next });
    syncBuiltinESMExports();
  };
  before('passwords are quick to hash', () =>
    put((password: string, salt: Buffer, length: number, options: ScryptOptions, done: Done) =>
      scrypt(
        password,
        salt,
        length,
        { ...options, N: Math.min(options.N ?? costMax, costMax) },
        done,
      ),
    ),
  );
  after('passwords cost what they should', () => put(scrypt));
};
