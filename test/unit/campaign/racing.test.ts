import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { budgetReservations, remainingBudgets } from '../../../commands/campaign/budgets.js';
import type { CampaignsInForce } from '../../../commands/campaigns.js';
import { defineCommand } from '../../../commands/command.js';
import { createHandler } from '../../../commands/handle.js';
import { budget, budgetStream } from '../../../domain/budget/budget.js';
import type { Aggregate } from '../../../domain/event.js';
import type { MerchantId, PurchaseId, TillId } from '../../../domain/ids.js';
import type { CampaignId } from '../../../domain/pricing/campaign.js';
import { compileCampaigns } from '../../../domain/pricing/campaignSet.js';
import { streamName } from '../../../domain/stream.js';
import { demo, type House, openHouse } from '../commands/house.js';

const spring = 'spring' as CampaignId;
const inForce = (most: number): CampaignsInForce => ({
  set: compileCampaigns([]),
  limits: new Map([[spring, { budgets: [{ of: 'amount', most }] }]]),
  asksBirthday: false,
});

interface Sold {
  readonly type: 'Sold';
  readonly data: { readonly discount: number };
}
const receipts: Aggregate<number, Sold> = {
  category: 'receipt',
  initial: () => 0,
  evolve: (_count, { data }) => data.discount,
};

/** A receipt that takes 10 off while the budget holds it, and nothing otherwise. */
const sell = (most: number) =>
  defineCommand({
    name: 'Sell',
    summary: '',
    input: Type.Object({ id: Type.String() }),
    aggregate: receipts,
    stream: ({ id }) => streamName('receipt', demo, id),
    lookUp: async (_input, { now }, { stateOf }) => {
      const place = { tenant: demo, merchantId: 1 as MerchantId, timeZone: 'UTC', at: now };
      return { place, remaining: await remainingBudgets(inForce(most), place, stateOf) };
    },
    decide: (_input, _state, { remaining }): Sold[] => {
      const discount = (remaining[spring]?.amount ?? 0) >= 10 ? 10 : 0;
      return [{ type: 'Sold', data: { discount } }];
    },
    reserve: ({ id }, context, { place }, [sold]) => {
      const discount = sold?.data.discount ?? 0;
      if (discount === 0) return [];
      const receipt = { purchaseId: id as PurchaseId, userId: null, tillId: 'till1' as TillId };
      const applied = [{ campaignId: spring, discount, points: 0 }];
      return budgetReservations(inForce(most), applied, receipt, place, context);
    },
    answer: ({ events }) => events[0]?.data.discount,
  });

describe('receipts that race for a budget', () => {
  let house: House;
  beforeEach(() => void (house = openHouse()));
  afterEach(() => house.close());

  /** Discounts given to `count` receipts at once, over as many processes as there are handlers. */
  const race = async (count: number, most: number, processes: number) => {
    const { log, directory } = house;
    const handlers = Array.from({ length: processes }, () => createHandler({ log, directory }));
    const sales = Array.from({ length: count }, (_, index) => {
      const handler = handlers[index % processes] as (typeof handlers)[number];
      return handler.handle(sell(most), { id: `r${index}` }, house.context());
    });
    const answers = await Promise.all(sales);
    return answers.map(({ answer }) => answer ?? 0);
  };
  const charged = async () => {
    const fresh = createHandler({ log: house.log, directory: house.directory });
    return (await fresh.state(budgetStream(demo, spring), budget)).charged.ever.all;
  };

  it('all get what they asked for while it lasts', async () => {
    expect(await race(10, 100, 1)).to.deep.equal(Array.from({ length: 10 }, () => 10));
    expect(await charged()).to.deep.equal({ amount: 100, points: 0, uses: 10 });
  });

  for (const processes of [1, 3]) {
    it(`spend it once and are decided again without it, in ${processes} processes`, async () => {
      const discounts = await race(30, 75, processes);
      expect(discounts.filter((discount) => discount === 10)).to.have.lengthOf(7);
      expect(discounts.filter((discount) => discount === 0)).to.have.lengthOf(23);
      expect(await charged()).to.deep.equal({ amount: 70, points: 0, uses: 7 });
    });
  }
});
