/** Closes what a batch of balance changes left open, with the state of lots and accounts from before the batch. Pure. */
import { type BalanceChanges, lotKey, type Movement } from './changes.js';

/** From before the batch. An account or lot that is missing did not exist. */
export interface Before {
  /** Whether the lot was active, by lotKey. */
  readonly lots: ReadonlyMap<string, boolean>;
  /** By the account's stream. */
  readonly accounts: ReadonlyMap<string, Held>;
}

export interface Held {
  readonly active: number;
  readonly pending: number;
  readonly deficit: number;
}

const nothingHeld: Held = { active: 0, pending: 0, deficit: 0 };

export const nothingBefore: Before = { lots: new Map(), accounts: new Map() };

/** Movements whose lots have to be looked up. */
export const openMovements = ({ movements }: BalanceChanges): Movement[] =>
  movements.filter(({ open }) => open.length > 0);

/** Accounts that were closed in the batch. */
export const closures = ({ movements }: BalanceChanges): Movement[] =>
  movements.filter(({ kind }) => kind === 'forfeited');

/** Completes the movements and adds them up per account. Changes its argument and returns it. */
export const settle = (changes: BalanceChanges, before: Before): BalanceChanges => {
  for (const line of changes.movements) {
    for (const { lotId, points } of line.open) {
      const key = lotKey(line.account, lotId);
      const active = before.lots.get(key);
      if (active === undefined) {
        throw new Error(
          `${line.account} takes points from the lot ${lotId}, which it never had: rebuild the read model.`,
        );
      }
      if (active) line.active -= points;
      else line.pending -= points;
    }
    line.open = [];
    if (line.kind === 'forfeited') forfeit(changes, before, line);
    const account = changes.accounts.get(line.account);
    if (!account) continue;
    account.active += line.active;
    account.pending += line.pending;
    account.deficit += line.deficit;
  }
  return changes;
};

/** Whatever the account held at its closing is gone, and what it owed is waived. */
const forfeit = (changes: BalanceChanges, before: Before, line: Movement): void => {
  const held = before.accounts.get(line.account) ?? nothingHeld;
  const account = changes.accounts.get(line.account);
  if (!account) return;
  line.active = -(held.active + account.active);
  line.pending = -(held.pending + account.pending);
  line.deficit = -(held.deficit + account.deficit);
  line.points = line.active + line.pending - line.deficit;
  account.forfeited -= line.points;
};
