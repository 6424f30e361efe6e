/** Balances as facts make them, without a database: the store below does what the statements of write.ts do. */
import { expect } from 'chai';
import fc from 'fast-check';
import { balanceOf } from '../../../domain/account/points.js';
import type { Fact } from '../../../domain/fact.js';
import { type BalanceChanges, lotKey } from '../../../projections/balances/changes.js';
import { projectBalances } from '../../../projections/balances/project.js';
import { settle } from '../../../projections/balances/settle.js';
import { recorder, simulate, tenant } from './simulation.js';

const balanceStore = () => {
  const lots = new Map<string, { remaining: number; activated: boolean }>();
  const accounts = new Map<string, { active: number; pending: number; deficit: number }>();
  const net = new Map<string, number>();
  return {
    lots,
    accounts,
    net,
    write: (changes: BalanceChanges): void => {
      const before = new Map([...lots].map(([key, { activated }]) => [key, activated]));
      settle(changes, { lots: before, accounts });
      for (const { kind, account } of changes.movements) {
        if (kind !== 'forfeited') continue;
        for (const [key, lot] of lots) if (key.startsWith(`${account}/`)) lot.remaining = 0;
      }
      for (const [key, change] of changes.lots) {
        const lot = lots.get(key) ?? { remaining: 0, activated: false };
        lot.remaining += change.remaining;
        lot.activated ||= change.activated ?? false;
        lots.set(key, lot);
      }
      for (const [key, change] of changes.accounts) {
        const held = accounts.get(key) ?? { active: 0, pending: 0, deficit: 0 };
        held.active += change.active;
        held.pending += change.pending;
        held.deficit += change.deficit;
        accounts.set(key, held);
      }
      for (const line of changes.movements) {
        expect(line.points).to.equal(line.active + line.pending - line.deficit);
        net.set(line.account, (net.get(line.account) ?? 0) + line.points);
      }
    },
  };
};

const inBatches = (facts: readonly Fact[], sizes: readonly number[]): Fact[][] => {
  const batches: Fact[][] = [];
  for (let from = 0, n = 0; from < facts.length; n += 1) {
    const size = sizes[n % sizes.length] as number;
    batches.push(facts.slice(from, from + size));
    from += size;
  }
  return batches;
};

describe('balances, projected', () => {
  it('are what the account itself says, however the facts are cut into batches', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(), sizes, (seed, cuts) => {
        const { facts, accounts } = simulate({ seed, customers: 3, steps: 150 });
        const store = balanceStore();
        for (const batch of inBatches(facts.filter(isOfAccount), cuts)) {
          store.write(projectBalances(batch));
        }
        for (const [userId, { points }] of accounts) {
          const stream = `account-${tenant}.${userId}`;
          expect(store.accounts.get(stream)).to.deep.equal(balanceOf(points));
          for (const lot of [...points.active, ...points.pending]) {
            expect(store.lots.get(lotKey(stream, lot.lotId))).to.deep.equal({
              remaining: lot.points,
              activated: points.active.includes(lot),
            });
          }
          const left = [...store.lots].filter(([key]) => key.startsWith(`${stream}/`));
          const sum = left.reduce((total, [, { remaining }]) => total + remaining, 0);
          expect(sum, 'lots').to.equal(points.activeTotal + points.pendingTotal);
          expect(store.net.get(stream) ?? 0, 'ledger').to.equal(
            points.activeTotal + points.pendingTotal - points.deficit,
          );
        }
      }),
      { numRuns: 60 },
    );
  });

  it('take a lot back from where it is, pending or active', () => {
    const { facts, append } = recorder();
    const stream = 'account-demo.1';
    const lots = [{ lotId: 'p1', points: 30 }];
    const earned = { purchaseId: 'p1', lotId: 'p1', merchantId: 1, points: 50, repaid: 0 };
    const times = { earnedAt: 0, activatesAt: 10, expiresAt: null, clawback: 'allowDeficit' };
    append(stream, [{ type: 'PointsEarned', data: { ...earned, ...times } }], 0);
    const back = { purchaseId: 'p1', cause: 'r1', policy: 'allowDeficit', deficit: 0, forgiven: 0 };
    append(stream, [{ type: 'PointsClawedBack', data: { ...back, points: 30, lots } }], 5);
    const first = settle(projectBalances(facts), { lots: new Map(), accounts: new Map() });
    expect(first.movements.map(({ active, pending }) => [active, pending])).to.deep.equal([
      [0, 50],
      [0, -30],
    ]);
    const alone = projectBalances(facts.slice(1));
    expect(alone.movements[0]?.open).to.deep.equal(lots);
    settle(alone, { lots: new Map([[lotKey(stream, 'p1'), true]]), accounts: new Map() });
    expect(alone.movements[0]).to.include({ active: -30, pending: 0, points: -30 });
  });

  it('refuse points of a lot that never was', () => {
    const { facts, append } = recorder();
    const data = { lots: [{ lotId: 'ghost', points: 1 }], points: 1, asOf: 0 };
    append('account-demo.1', [{ type: 'PointsExpired', data }], 0);
    const before = { lots: new Map(), accounts: new Map() };
    expect(() => settle(projectBalances(facts), before)).to.throw('ghost');
  });

  it('show what a closed account lost and what it was let off', () => {
    const { facts, append } = recorder();
    const data = { reason: 'left', forfeited: 70 };
    append('account-demo.1', [{ type: 'AccountClosed', data }], 0);
    const changes = settle(projectBalances(facts), {
      lots: new Map(),
      accounts: new Map([['account-demo.1', { active: 50, pending: 20, deficit: 5 }]]),
    });
    expect(changes.movements[0]).to.include({
      points: -65,
      active: -50,
      pending: -20,
      deficit: -5,
    });
    expect(changes.accounts.get('account-demo.1')).to.include({ status: 'closed', forfeited: 65 });
  });
});

const isOfAccount = ({ stream }: Fact): boolean => stream.startsWith('account-');
