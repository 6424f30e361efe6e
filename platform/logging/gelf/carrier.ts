/** What carries messages to their receiver. It never throws: it says how far it came. */
export interface Carried {
  /** Messages from the first on that are taken care of: handed over, or refused for good. */
  readonly settled: number;
  /** Of those: refused for good. */
  readonly refused: number;
  /** Why it stopped there; all that follow may be handed over later. */
  readonly error: Error | null;
}

export interface Carrier {
  carry(messages: readonly Buffer[]): Promise<Carried>;
  /** Twice is safe. */
  close(): void;
}

/** Within which a receiver has to take something, or is given up until the next try. */
export interface CarrierLimits {
  readonly connectMs: number;
  readonly answerMs: number;
}

export const carrierLimits: CarrierLimits = { connectMs: 5_000, answerMs: 10_000 };

export const errorOf = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(String(thrown));
