import { expect } from 'chai';
import { budget, budgetStream } from '../../../domain/budget/budget.js';
import { reserveBudget } from '../../../domain/budget/decide.js';
import type { ReceiptName } from '../../../domain/budget/state.js';
import type { NewFact, Position } from '../../../domain/fact.js';
import type { MerchantId, PurchaseId, TillId, UserId } from '../../../domain/ids.js';
import type { Campaign, CampaignId } from '../../../domain/pricing/campaign.js';
import { createBudgetsWorker, recordedWithinMs } from '../../../workers/budgets.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from './eventually.js';

const ann = '8018000010000000000000013' as UserId;
const tillId = 'till1' as TillId;
const day = '2011-01-01';
const [spring, free] = ['spring', 'free'] as [CampaignId, CampaignId];
const budgets = [{ of: 'amount' as const, most: 1_000 }];

describe('settling the budgets of campaigns', () => {
  let now: number;
  let house: House;
  let kept: Position | null;
  let failures: unknown[];
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    now = startOfTime;
    kept = null;
    failures = [];
    stops = [];
    house = openHouse(() => now);
    for (const [campaignId, limits] of [
      [spring, { budgets }],
      [free, undefined],
    ] as const) {
      const campaign = { campaignId, version: 1, name: 'x', priority: 1, rewards: [] };
      const content = limits ? { ...campaign, limits } : campaign;
      const drafted = { version: 1, campaign: content as unknown as Campaign, by: 'ann' };
      await append(`campaign-demo.${campaignId}`, 'CampaignDrafted', drafted);
    }
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await house.close();
  });

  let count = 0;
  const append = async (stream: string, type: string, data: unknown) => {
    count += 1;
    const metadata = {
      ...{ tenant: demo, actor: { kind: 'system' as const, id: 'spec' }, commandId: `c${count}` },
      ...{ correlationId: 'c', causationId: 'c', schemaVersion: 1, fingerprint: '' },
      occurredAt: new Date(now).toISOString(),
    } as const;
    const fact: NewFact = { id: `f${count}`, type, data, metadata };
    return house.log.append(stream, 'any', [fact]);
  };

  const start = () => {
    const closing = new AbortController();
    const worker = createBudgetsWorker({
      feed: house.log,
      handler: house.handler,
      checkpoints: {
        load: async () => kept,
        save: async (_name, position) => void (kept = position),
      },
      now: () => now,
      onFailed: (error) => failures.push(error),
    });
    const running = worker.run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return { ...worker, signal: closing.signal, stop };
  };

  const receipt = (id: string, userId: UserId | null = ann): ReceiptName => ({
    purchaseId: id as PurchaseId,
    userId,
    tillId,
  });
  const place = { merchantId: 1 as MerchantId, day };
  const reserve = async (name: ReceiptName, amount: number, campaignId = spring) => {
    const state = await house.handler.state(budgetStream(demo, campaignId), budget);
    const [event] = reserveBudget(
      {
        ...name,
        ...{ amount, points: 0, uses: 1, ...place, campaignId, budgets },
        ...{ at: now, now, until: now + 86_400_000 },
      },
      state,
    );
    await append(budgetStream(demo, campaignId), 'BudgetReserved', event?.data);
  };
  const shares = (...given: [CampaignId, number][]) =>
    given.map(([campaignId, discount]) => ({
      ...{ campaignId, version: 1, name: 'x', discount, points: 0 },
      ...{ effects: [], coupons: [] },
    }));
  const purchase = { merchantId: 1, tillId, day };
  const confirm = (id: string, applied: ReturnType<typeof shares>) =>
    append(`account-demo.${ann}`, 'PurchaseConfirmed', { ...purchase, purchaseId: id, applied });
  const giveBack = (id: string, returnId: string, discount: number, uses: number) =>
    append(`account-demo.${ann}`, 'PurchaseReturned', {
      ...purchase,
      ...{ purchaseId: id, returnId },
      reversed: [{ campaignId: spring, version: 1, discount, points: 0, uses }],
    });

  /** As another process would find it. */
  const charged = async () => {
    const facts = await house.log.read(budgetStream(demo, spring), 0, 1_000);
    const state = facts.reduce(
      (before, { type, data, revision }) =>
        budget.evolve(before, { type, data, revision, occurredAt: 0 } as never),
      budget.initial(),
    );
    const { amount, uses } = state.charged.ever.all;
    return { amount, uses, open: state.open.size };
  };
  const become = (amount: number, uses: number, open = 0) =>
    eventually(async () => expect(await charged()).to.deep.equal({ amount, uses, open }));

  it('spends what the receipt recorded', async () => {
    const { open } = start();
    await reserve(receipt('a'), 100);
    await become(100, 1, 1);
    await confirm('a', shares([spring, 90], [free, 10]));
    await become(90, 1);
    await eventually(() => expect(open()).to.equal(0));
    expect(house.types().filter((type) => type === 'BudgetSpent')).to.have.lengthOf(1);
    expect(failures).to.deep.equal([]);
  });

  it('charges an anonymous receipt, and one that had reserved nothing', async () => {
    start();
    await reserve(receipt('b', null), 50);
    await append(`sales-demo.${tillId}`, 'AnonymousPurchaseConfirmed', {
      ...purchase,
      ...{ purchaseId: 'b', applied: shares([spring, 50]) },
    });
    await confirm('late', shares([spring, 5]));
    await become(55, 2);
  });

  it('frees at once what the receipt was decided without', async () => {
    start();
    await reserve(receipt('a'), 100);
    await confirm('a', shares([free, 10]));
    await become(0, 0);
  });

  it('releases what came to nothing, and only after its time', async () => {
    const { sweep, signal, open } = start();
    await reserve(receipt('a'), 100);
    await eventually(() => expect(open()).to.equal(1));
    now += recordedWithinMs - 1;
    await sweep(signal);
    await become(100, 1, 1);
    now += 1;
    await sweep(signal);
    await become(0, 0);
    expect(open()).to.equal(0);
  });

  it('charges a receipt that came after all', async () => {
    const { sweep, signal, open } = start();
    await reserve(receipt('a'), 100);
    await eventually(() => expect(open()).to.equal(1));
    now += recordedWithinMs;
    await sweep(signal);
    await become(0, 0);
    await confirm('a', shares([spring, 100]));
    await become(100, 1);
  });

  it('gives back what was returned in parts, and the use with the last of it', async () => {
    start();
    await reserve(receipt('a'), 100);
    await confirm('a', shares([spring, 100]));
    await become(100, 1);
    await giveBack('a', 'r1', 40, 0);
    await become(60, 1);
    await giveBack('a', 'r2', 60, 1);
    await become(0, 0);
  });

  it('repeats nothing when it begins again from the beginning', async () => {
    await reserve(receipt('a'), 100);
    await confirm('a', shares([spring, 100]));
    await giveBack('a', 'r1', 40, 0);
    await reserve(receipt('b'), 10);
    await confirm('b', shares([spring, 10]));
    const first = start();
    await become(70, 2);
    await first.stop();
    const before = house.log.facts.length;
    kept = null;
    const { open } = start();
    await eventually(() => expect(kept).to.equal(BigInt(before)));
    expect(open()).to.equal(0);
    expect(await charged()).to.deep.equal({ amount: 70, uses: 2, open: 0 });
    expect(house.log.facts).to.have.lengthOf(before);
  });

  it('keeps a position before the oldest that is open, and finds it again', async () => {
    await reserve(receipt('a'), 100);
    const at = BigInt(house.log.facts.length);
    const first = start();
    await eventually(() => expect(first.open()).to.equal(1));
    await confirm('other', shares([spring, 1]));
    await become(101, 2, 1);
    await first.stop();
    expect(kept === null || kept < at).to.equal(true);
    const second = start();
    await eventually(() => expect(second.open()).to.equal(1));
    await confirm('a', shares([spring, 100]));
    await become(101, 2);
  });
});
