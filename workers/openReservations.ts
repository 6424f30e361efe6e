/**
 * What was reserved and is not settled yet, each known by its key and told by the fact that made it, in the order they were met in.
 *
 * A worker that has to know what else a receipt reserved says whose receipt a reservation is (`receiptOf`): then those of a receipt
 * are found without going through all of them, which matters because every receipt asks.
 */
import type { Fact, Position } from '../domain/fact.js';

interface Open {
  readonly fact: Fact;
  /** Of the fact before it: where a restart has to begin to see it again. */
  readonly before: Position | null;
}

export interface OpenReservations {
  /** `before`: where a restart has to begin to see it again. One made anew moves to the end. */
  note(fact: Fact, before: Position | null): void;
  get(key: string): Fact | undefined;
  delete(key: string): void;
  /** With their keys. */
  all(): Iterable<readonly [string, Fact]>;
  /** With their keys; what is deleted meanwhile does not disturb. */
  ofReceipt(receipt: string): readonly (readonly [string, Fact])[];
  /** The place to go on from after a restart: before the oldest that is open, else what was processed. */
  resumeFrom(processed: Position | null): Position | null;
  readonly size: () => number;
}

export const createOpenReservations = (
  keyOf: (fact: Fact) => string,
  receiptOf?: (fact: Fact) => string,
): OpenReservations => {
  const open = new Map<string, Open>();
  const keysOfReceipt = new Map<string, Set<string>>();

  const forget = (key: string): void => {
    const one = open.get(key);
    if (!one) return;
    open.delete(key);
    if (!receiptOf) return;
    const receipt = receiptOf(one.fact);
    const keys = keysOfReceipt.get(receipt);
    keys?.delete(key);
    if (keys?.size === 0) keysOfReceipt.delete(receipt);
  };

  return {
    note: (fact, before) => {
      const key = keyOf(fact);
      forget(key);
      open.set(key, { fact, before });
      if (!receiptOf) return;
      const receipt = receiptOf(fact);
      keysOfReceipt.set(receipt, (keysOfReceipt.get(receipt) ?? new Set()).add(key));
    },
    get: (key) => open.get(key)?.fact,
    delete: forget,
    all: function* () {
      for (const [key, { fact }] of open) yield [key, fact] as const;
    },
    ofReceipt: (receipt) =>
      [...(keysOfReceipt.get(receipt) ?? [])].flatMap((key) => {
        const one = open.get(key);
        return one ? [[key, one.fact] as const] : [];
      }),
    resumeFrom: (processed) => {
      const [oldest] = open.values();
      return oldest ? oldest.before : processed;
    },
    size: () => open.size,
  };
};
