/**
 * The numbers of draws are fair, and a proof holds exactly as it was: checked with the program that customers check with, which
 * shares no code with the one that draws.
 */
import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { type Check, type ProofFile, verifyProof } from '../../../cli/draw/verifyProof.js';
import { seedOf, sha256 } from '../../../commands/seeds.js';
import { instantNumber, uniformBelow } from '../../../domain/draw/uniform.js';
import { chooseWinners, type Entry, entryLine } from '../../../domain/draw/winners.js';

const proofOf = (
  bytes: Buffer,
  entries: readonly Entry[],
  prizes: readonly { prize: string; count: number }[],
  beacon?: string,
): ProofFile => {
  const { seed, seedHash, hash } = seedOf(bytes);
  const entriesHash = sha256(entries.map(entryLine).join(''));
  const winners = chooseWinners(entries, prizes, { entriesHash, beacon: beacon ?? '' }, hash);
  return {
    ...{ format: 'kopilka-draw-proof/1', tenant: 'demo', drawId: 'd', name: 'D', prizes },
    ...{ seedHash, entriesHash, seed, winners },
    entries: entries.map(({ participant, entries: count }) => [participant, count]),
    ...(beacon === undefined ? {} : { beacon: { source: 'the news', value: beacon } }),
  };
};
const holds = (checks: readonly Check[]) => checks.every((check) => check.holds);

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));
const entryLists = fc.array(
  fc.record({
    participant: fc.integer({ min: 0, max: 15 }).map((n) => n.toString(16).padStart(32, '0')),
    entries: fc.integer({ min: 1, max: 10_000 }),
  }),
  { minLength: 1, maxLength: 40 },
);
const prizeLists = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .map((counts) => counts.map((count, index) => ({ prize: `prize ${index}`, count })));
const beacons = fc.option(fc.string(), { nil: undefined });

describe('the numbers of draws', () => {
  it('are as likely as each other', () => {
    const { hash } = seedOf(Buffer.alloc(32, 7));
    for (const limit of [2, 3, 7, 10, 100]) {
      const counts = Array.from({ length: limit }, () => 0);
      const draws = 200 * limit;
      for (let index = 0; index < draws; index += 1) {
        const { number } = uniformBelow(limit, hash, `draw ${index}`);
        counts[number] = (counts[number] as number) + 1;
      }
      const chiSquared = counts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0);
      const freedom = limit - 1;
      // Five standard deviations over its mean; the seed is fixed, so the verdict never changes.
      expect(chiSquared, String(limit)).to.be.below(freedom + 5 * Math.sqrt(2 * freedom));
    }
  });

  it('pass over hashes that would favour small numbers', () => {
    const limit = 2 ** 31 + 1;
    const fair = Math.floor(2 ** 48 / limit) * limit;
    const bytesOf = (value: number) => {
      const bytes = Buffer.alloc(32);
      bytes.writeUIntBE(value, 0, 6);
      return bytes;
    };
    const given = [2 ** 48 - 1, fair, fair - 1];
    const asked: string[] = [];
    const drawn = uniformBelow(
      limit,
      (message) => bytesOf(given[asked.push(message) - 1] ?? 0),
      'm',
      4,
    );
    expect(drawn).to.deep.equal({ number: limit - 1, tries: 3 });
    expect(asked).to.deep.equal(['m:4', 'm:5', 'm:6']);
  });

  it('are the same for the same receipt, and below a million', () => {
    const { hash } = seedOf(Buffer.alloc(32, 9));
    const numbers = Array.from({ length: 1_000 }, (_, n) =>
      instantNumber(hash, 'user', `p${n}`, 'c'),
    );
    expect(numbers.every((number) => number >= 0 && number < 1_000_000)).to.equal(true);
    expect(new Set(numbers).size).to.be.greaterThan(990);
    expect(instantNumber(hash, 'user', 'p1', 'c')).to.equal(numbers[1]);
  });
});

describe('the winners of a draw', () => {
  it('are checked by a program that shares no code with the draw', () => {
    fc.assert(
      fc.property(seeds, entryLists, prizeLists, beacons, (bytes, entries, prizes, beacon) => {
        const proof = proofOf(bytes, entries, prizes, beacon);
        expect(verifyProof(proof).filter((check) => !check.holds)).to.deep.equal([]);
        const participants = proof.winners.map(({ participant }) => participant);
        expect(new Set(participants).size, 'everybody wins once').to.equal(participants.length);
        const offered = prizes.reduce((sum, { count }) => sum + count, 0);
        const different = new Set(entries.map(({ participant }) => participant)).size;
        expect(participants).to.have.length(Math.min(offered, different));
      }),
      { numRuns: 200 },
    );
  });

  it('do not hold once anything of the proof was changed', () => {
    const changes: readonly ((proof: ProofFile, at: number) => Partial<ProofFile>)[] = [
      ({ seed }, at) => ({ seed: flipped(seed, at) }),
      ({ seedHash }, at) => ({ seedHash: flipped(seedHash, at) }),
      ({ entriesHash }, at) => ({ entriesHash: flipped(entriesHash, at) }),
      ({ entries }, at) => ({
        entries: entries.map(([who, count], n) => [
          who,
          n === at % entries.length ? count + 1 : count,
        ]),
      }),
      ({ entries }, at) => ({
        entries: entries.map(([who, count], n) => [
          n === at % entries.length ? 'f'.repeat(32) : who,
          count,
        ]),
      }),
      ({ entries }, at) => ({ entries: entries.filter((_, n) => n !== at % entries.length) }),
      ({ entries }) => ({ entries: [...entries, ['f'.repeat(32), 1]] }),
      ({ winners }) => ({ winners: winners.slice(1) }),
      ({ winners }, at) => ({
        winners: winners.map((winner, n) =>
          n === at % winners.length ? { ...winner, participant: 'f'.repeat(32) } : winner,
        ),
      }),
    ];
    fc.assert(
      fc.property(
        ...([
          seeds,
          entryLists,
          prizeLists,
          fc.constantFrom(...changes),
          fc.nat({ max: 63 }),
        ] as const),
        (bytes, entries, prizes, change, at) => {
          const proof = proofOf(bytes, entries, prizes);
          expect(holds(verifyProof({ ...proof, ...change(proof, at) }))).to.equal(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('change altogether with one entry more, even with the same seed', () => {
    const entries = Array.from({ length: 200 }, (_, n) => ({
      participant: n.toString(16).padStart(32, '0'),
      entries: 1,
    }));
    const prizes = [{ prize: 'a hamper', count: 20 }];
    const bytes = Buffer.alloc(32, 3);
    const before = proofOf(bytes, entries, prizes).winners.map(({ participant }) => participant);
    const more = [...entries, { participant: 'f'.repeat(32), entries: 1 }];
    const after = proofOf(bytes, more, prizes).winners.map(({ participant }) => participant);
    expect(after.filter((one) => before.includes(one)).length).to.be.below(8);
  });

  it('win in proportion to their entries', () => {
    const entries = [
      { participant: 'a'.repeat(32), entries: 1 },
      { participant: 'b'.repeat(32), entries: 3 },
    ];
    const prizes = [{ prize: 'it', count: 1 }];
    let won = 0;
    for (let n = 0; n < 4_000; n += 1) {
      const bytes = Buffer.alloc(32);
      bytes.writeUInt32BE(n);
      won += proofOf(bytes, entries, prizes).winners[0]?.entry === 1 ? 1 : 0;
    }
    // 3,000 expected; five standard deviations are 137.
    expect(won).to.be.within(2_863, 3_137);
  });

  it('of a draw with many entries are found soon', () => {
    const entries = Array.from({ length: 100_000 }, (_, n) => ({
      participant: (n % 60_000).toString(16).padStart(32, '0'),
      entries: 1 + (n % 5),
    }));
    const { winners } = proofOf(randomBytes(32), entries, [{ prize: 'it', count: 100 }]);
    expect(winners).to.have.length(100);
  });
});

const flipped = (hex: string, at: number): string => {
  const place = at % hex.length;
  const digit = (parseInt(hex.charAt(place), 16) ^ 1).toString(16);
  return `${hex.slice(0, place)}${digit}${hex.slice(place + 1)}`;
};
