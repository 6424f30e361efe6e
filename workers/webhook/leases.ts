/**
 * Which process delivers a subscription: one at a time, for as long as it says so. A lease only spares work: that nothing is recorded by
 * two is the deliveries stream's own doing (recorder.ts).
 */
import type { LedgerSnapshot, LedgerSnapshots } from '../../commands/delivery/ledgers.js';

export interface Claimed {
  /** As `ledgerKey` makes it. */
  readonly key: string;
  /** Greater with every change of hands. */
  readonly fence: number;
  readonly snapshot: LedgerSnapshot | null;
}

export interface Leases extends LedgerSnapshots {
  /** Those of the keys that nobody holds, at most `most`, for `forMs`. */
  claim(
    owner: string,
    keys: readonly string[],
    most: number,
    forMs: number,
  ): Promise<readonly Claimed[]>;
  /** Prolongs what the owner holds and says that it is there. @returns what it still holds, and how many owners there are. */
  renew(
    owner: string,
    keys: readonly string[],
    forMs: number,
  ): Promise<{ readonly held: ReadonlySet<string>; readonly owners: number }>;
  release(owner: string, keys: readonly string[]): Promise<void>;
  /** Nobody counts on this owner any more. */
  leave(owner: string): Promise<void>;
  /** Kept only while the lease of this fence is the latest. @param ledger as JSON. */
  save(key: string, fence: number, revision: number, ledger: string): Promise<void>;
}
