/**
 * Checks the proof of a prize draw. Written from the description in docs/guides/draws.md alone: it shares no code with the part
 * that draws, so that a mistake there cannot hide here.
 */
import { createHash, createHmac } from 'node:crypto';

/** What of a proof is looked at. */
export interface ProofFile {
  readonly format: string;
  readonly tenant: string;
  readonly drawId: string;
  readonly name: string;
  readonly prizes: readonly { readonly prize: string; readonly count: number }[];
  readonly seedHash: string;
  readonly beacon?: { readonly source: string; readonly value: string };
  readonly entries: readonly (readonly [participant: string, entries: number])[];
  readonly entriesHash: string;
  readonly seed: string;
  readonly winners: readonly {
    readonly prize: string;
    readonly entry: number;
    readonly participant: string;
  }[];
}

export interface Check {
  readonly what: string;
  readonly holds: boolean;
  /** What was found instead, empty where it holds. */
  readonly found: string;
}

const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex');

const check = (what: string, holds: boolean, found: string): Check => ({
  what,
  holds,
  found: holds ? '' : found,
});

/** Every statement of the proof, and whether it holds. */
export const verifyProof = (proof: ProofFile): Check[] => {
  const seed = Buffer.from(proof.seed, 'hex');
  const seedHash = sha256(seed);
  const list = proof.entries
    .map(([participant, entries]) => `${participant} ${entries}\n`)
    .join('');
  const entriesHash = sha256(list);
  const whole = proof.entries.every(([, entries]) => Number.isSafeInteger(entries) && entries > 0);
  const expected = draw(proof, seed, entriesHash);
  const told = proof.winners.map(
    ({ prize, entry, participant }) => `${prize} ${entry} ${participant}`,
  );
  const first = expected.findIndex((winner, index) => winner !== told[index]);
  const at = first < 0 ? Math.min(told.length, expected.length) : first;
  return [
    check('the format is known', proof.format === 'kopilka-draw-proof/1', proof.format),
    check('the seed is the one whose hash was published', seedHash === proof.seedHash, seedHash),
    check('every entry counts a whole number', whole, 'an entry of something else'),
    check(
      'the entries are those that were closed over',
      entriesHash === proof.entriesHash,
      entriesHash,
    ),
    check(
      'the winners follow from the seed and the entries',
      JSON.stringify(expected) === JSON.stringify(told),
      `winner ${at + 1} should be: ${expected[at] ?? 'nobody'}`,
    ),
  ];
};

/** The winners as they have to be, each as `prize entry participant`. */
const draw = (proof: ProofFile, seed: Buffer, entriesHash: string): string[] => {
  const message = `${entriesHash}:${proof.beacon?.value ?? ''}`;
  let left = proof.entries.map(([participant, entries], place) => ({
    participant,
    entries,
    place,
  }));
  let counter = 0;
  /** The next number below `limit`, every one as likely. */
  const next = (limit: bigint): bigint => {
    const fair = 2n ** 48n - (2n ** 48n % limit);
    for (;;) {
      const digest = createHmac('sha256', seed).update(`${message}:${counter}`).digest('hex');
      counter += 1;
      const value = BigInt(`0x${digest.slice(0, 12)}`);
      if (value < fair) return value % limit;
    }
  };
  const winners: string[] = [];
  for (const { prize, count } of proof.prizes) {
    for (let given = 0; given < count && left.length > 0; given += 1) {
      let number = next(BigInt(left.reduce((sum, { entries }) => sum + entries, 0)));
      const winner = left.find(({ entries }) => (number -= BigInt(entries)) < 0n);
      if (!winner) throw new Error('the numbers do not fit the entries');
      winners.push(`${prize} ${winner.place} ${winner.participant}`);
      left = left.filter(({ participant }) => participant !== winner.participant);
    }
  }
  return winners;
};
