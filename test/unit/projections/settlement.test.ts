/** What merchants owe each other, as facts make it, without a database. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { LotPart, LotShare } from '../../../domain/account/events.js';
import { shareDown, spread } from '../../../domain/amount.js';
import type { Fact } from '../../../domain/fact.js';
import {
  type Entry,
  lotKey,
  purchaseKey,
  type Redemption,
} from '../../../projections/settlement/changes.js';
import { eventTypes, projectSettlement } from '../../../projections/settlement/project.js';
import { settle } from '../../../projections/settlement/settle.js';
import { coalition, coalitionRule } from './coalition.js';

/** Does what the statements of write.ts do. */
const settlementStore = () => {
  const redemptions = new Map<string, Redemption>();
  const issuers = new Map<string, number>();
  const pointValues: { tenant: string; position: bigint; pointValue: number }[] = [];
  const entries: Entry[] = [];
  return {
    entries,
    write: (facts: readonly Fact[]): void => {
      const changes = projectSettlement(facts);
      const settled = settle(changes, { redemptions, issuers, pointValues });
      entries.push(...settled.entries);
      for (const one of settled.redemptions) redemptions.set(purchaseKey(one), one);
      for (const lot of changes.lots) {
        issuers.set(lotKey(lot, lot.lotId), lot.issuer);
        issuers.set(purchaseKey(lot), lot.issuer);
      }
      pointValues.push(...changes.pointValues);
    },
  };
};

const wanted = new Set<string>(eventTypes);

const applied = (facts: readonly Fact[], sizes: readonly number[]): readonly Entry[] => {
  const store = settlementStore();
  const relevant = facts.filter(({ type }) => wanted.has(type));
  for (let from = 0, n = 0; from < relevant.length; n += 1) {
    const size = sizes[n % sizes.length] as number;
    store.write(relevant.slice(from, from + size));
    from += size;
  }
  return store.entries;
};

type Debts = Map<string, number>;
const owe = (debts: Debts, issuer: number, taker: number, value: number): void => {
  if (issuer === taker || value === 0) return;
  const key = `${issuer}>${taker}`;
  const sum = (debts.get(key) ?? 0) + value;
  if (sum === 0) debts.delete(key);
  else debts.set(key, sum);
};

/** Another way to the same: by what each purchase holds in the end, last lots first, and not by movements. */
export const recomputed = (facts: readonly Fact[]): Debts => {
  const debts: Debts = new Map();
  const data = (type: string) =>
    facts
      .filter((fact) => fact.type === type)
      .map((fact) => ({ at: fact.stream, ...(fact.data as Record<string, unknown>) }) as never);
  type Redeemed = { at: string; purchaseId: string; merchantId: number; value: number };
  type Restored = { at: string; purchaseId: string; points: number };
  for (const bought of data('PointsRedeemed') as (Redeemed & { lots: LotPart[] })[]) {
    let back = (data('PointsRestored') as Restored[])
      .filter(({ at, purchaseId }) => at === bought.at && purchaseId === bought.purchaseId)
      .reduce((sum, { points }) => sum + points, 0);
    const values = spread(
      bought.value,
      bought.lots.map(({ points }) => points),
    );
    for (const [index, lot] of [...bought.lots.entries()].reverse()) {
      const share = Math.min(back, lot.points);
      back -= share;
      const value = values[index] as number;
      const kept = value - shareDown(value, share, lot.points);
      owe(debts, lot.merchantId ?? 0, bought.merchantId, kept);
    }
  }
  type Issued = { at: string; lotId: string; merchantId: number; purchaseId: string };
  const lots = data('PointsEarned') as Issued[];
  type Clawed = { at: string; purchaseId: string; lots: LotShare[] };
  for (const clawed of data('PointsClawedBack') as Clawed[]) {
    const own = lots.find((lot) => lot.at === clawed.at && lot.purchaseId === clawed.purchaseId);
    const taker = own?.merchantId ?? 0;
    const foreign = clawed.lots
      .map((share) => ({
        points: share.points,
        issuer: lots.find((l) => l.at === clawed.at && l.lotId === share.lotId)?.merchantId ?? 0,
      }))
      .filter(({ issuer }) => issuer !== taker);
    const points = foreign.map((share) => share.points);
    const worth = shareDown(
      points.reduce((sum, one) => sum + one, 0),
      coalitionRule.pointValue,
      100,
    );
    spread(worth, points).forEach((value, i) => owe(debts, foreign[i]?.issuer ?? 0, taker, value));
  }
  return debts;
};

const debtsOf = (entries: readonly Entry[]): Debts => {
  const debts: Debts = new Map();
  for (const { issuer, taker, value } of entries) owe(debts, issuer, taker, value);
  return debts;
};

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
const drawn = fc.infiniteStream(fc.nat());
const drawing = (stream: Iterator<number>) => (below: number) =>
  below < 1 ? 0 : (stream.next().value as number) % below;

describe('the settlement between merchants', () => {
  it('is what the facts say however they are cut into batches, and adds up to zero', () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(drawn, sizes, (stream, cuts) => {
        const facts = coalition(drawing(stream), 80);
        const entries = applied(facts, cuts);
        for (const { kind } of entries) kinds.add(kind);
        const debts = debtsOf(entries);
        expect([...debts].sort()).to.deep.equal([...recomputed(facts)].sort());
        expect(entries).to.deep.equal(applied(facts, [facts.length]));
        const net = new Map<number, number>();
        for (const { issuer, taker, value } of entries) {
          net.set(taker, (net.get(taker) ?? 0) + value);
          net.set(issuer, (net.get(issuer) ?? 0) - value);
        }
        expect([...net.values()].reduce((sum, value) => sum + value, 0)).to.equal(0);
      }),
      { numRuns: 60 },
    );
    expect([...kinds].sort()).to.deep.equal(['clawedBack', 'redeemed', 'restored']);
  });

  it('owes nothing for a purchase that was returned whole, in however many returns', () => {
    fc.assert(
      fc.property(drawn, (stream) => {
        const facts = coalition(drawing(stream), 60);
        const debts = new Map<string, number>();
        for (const entry of applied(facts, [1_000])) {
          if (entry.kind === 'clawedBack') continue;
          const key = purchaseKey(entry);
          debts.set(key, (debts.get(key) ?? 0) + entry.value);
        }
        for (const { type, data, stream: at } of facts) {
          if (type !== 'PurchaseReturned' || !(data as { complete: boolean }).complete) continue;
          const { purchaseId } = data as { purchaseId: string };
          const userId = at.slice(at.indexOf('.') + 1);
          expect(debts.get(purchaseKey({ tenant: 'demo', userId, purchaseId })) ?? 0).to.equal(0);
        }
      }),
      { numRuns: 40 },
    );
  });
});
