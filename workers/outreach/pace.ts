/**
 * How fast providers may be spoken to: tokens, of which a message takes one and an SMS one for each segment. They are counted for all
 * processes together (grants.ts); each provider has a purse here with what this one took of them for the next moment (purse.ts). What is in
 * need at a moment is claimed for in one statement, and one is under way at a time.
 */
import type { PaceAsked, PaceGrants } from './grants.js';
import { type Claimant, createPurse, type Paced, type Purse } from './purse.js';

export interface Pacing {
  /** @param terms asked each time: they may be changed. */
  purse(terms: () => Paced): Purse;
  /** Gives back what is left. Never rejects. */
  close(): Promise<void>;
}

export interface PacingOptions {
  readonly grants: PaceGrants;
  /** Tokens came. */
  readonly onRoom: () => void;
  readonly onTrouble: (error: unknown) => void;
  readonly now: () => number;
}

export const createPacing = ({ grants, onRoom, onTrouble, now }: PacingOptions): Pacing => {
  const all: Claimant[] = [];
  let waiting: Claimant[] = [];
  let isClaiming = false;

  const claimOnce = async (): Promise<void> => {
    const some = waiting;
    waiting = [];
    const asked: PaceAsked[] = [];
    const askers = some.filter((one) => {
      const ask = one.ask();
      if (ask) asked.push(ask);
      return ask !== null;
    });
    if (asked.length === 0) return;
    try {
      const granted = await grants.claim(asked);
      askers.forEach((one, index) => {
        const [ask, grant] = [asked[index], granted[index]];
        if (ask && grant) one.granted(ask, grant);
        else one.failed();
      });
      onRoom();
    } catch (error) {
      for (const one of askers) one.failed();
      onTrouble(error);
    }
  };

  const claimAll = async (): Promise<void> => {
    isClaiming = true;
    // What is asked for in the same turn goes together.
    await Promise.resolve();
    while (waiting.length > 0) await claimOnce();
    isClaiming = false;
  };

  return {
    purse: (terms) => {
      const { purse, claimant } = createPurse(terms, now, (one) => {
        waiting.push(one);
        if (!isClaiming) void claimAll();
      });
      all.push(claimant);
      return purse;
    },
    close: async () => {
      const left = all.flatMap((one) => one.leftover() ?? []);
      if (left.length > 0) await grants.claim(left).catch(onTrouble);
    },
  };
};
