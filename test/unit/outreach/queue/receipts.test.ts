/** Which receipts go into the journal, and what is kept of the others. */
import { expect } from 'chai';
import type { ReportedReceipt } from '../../../../commands/provider/receipts.js';
import type { ProviderId } from '../../../../domain/ids.js';
import { createMemoryLog } from '../../../../platform/memory/log.js';
import { createReceipts, type ReceiptStore } from '../../../../workers/outreach/receipts.js';
import { demo } from '../../commands/house.js';
import { idOf, noon } from './known.js';

const north = 'north' as ProviderId;
const south = 'south' as ProviderId;

describe('receipts', () => {
  const open = () => {
    const log = createMemoryLog(() => noon);
    const kept: ReportedReceipt[] = [];
    const store = {
      byReference: async () => new Map(),
      messages: async () => new Map([[idOf(1), { lane: 0, providers: new Map([[1, north]]) }]]),
      keep: async (_tenant, _provider, receipts) => void kept.push(...receipts),
    } as Partial<ReceiptStore> as ReceiptStore;
    const receipts = createReceipts({
      ...{ log, store, suppress: () => undefined },
      measures: { receipt: () => undefined, orphan: () => undefined },
      onTrouble: (error) => {
        throw error;
      },
    });
    return { log, kept, take: receipts.take };
  };
  const delivered = (attempt: number, more: object = {}): ReportedReceipt => ({
    ...{ clientReference: `${idOf(1)}-${attempt}`, status: 'delivered', at: noon, ...more },
  });

  it('are of whoever was given the attempt, whatever reference another one names', async () => {
    const { log, kept, take } = open();
    await take(demo, south, [delivered(1)]);
    await take(demo, north, [delivered(2)]);
    expect(log.facts).to.deep.equal([]);
    expect(kept).to.have.length(2);
    await take(demo, north, [delivered(1)]);
    expect(log.facts.map(({ type }) => type)).to.deep.equal(['ReceiptsRecorded']);
  });

  it('are kept without addresses in what they say', async () => {
    const { kept, take } = open();
    await take(demo, south, [delivered(1, { code: 'no +37126123456', text: 'ada@example.com' })]);
    expect(kept[0]).to.include({ code: 'no ***', text: '***' });
  });
});
