/** Which receipts go into the journal, and what is kept of the others. */
import { expect } from 'chai';
import type { ReportedReceipt } from '../../../../commands/provider/receipts.js';
import type { ProviderId } from '../../../../domain/ids.js';
import { createMemoryLog } from '../../../../platform/memory/log.js';
import { createReceipts, type ReceiptStore } from '../../../../workers/outreach/receipts.js';
import { demo } from '../../commands/house.js';
import { idOf, noon, phoneHash } from './known.js';

const north = 'north' as ProviderId;
const south = 'south' as ProviderId;

describe('receipts', () => {
  const open = () => {
    const log = createMemoryLog(() => noon);
    const kept: ReportedReceipt[] = [];
    const suppressed: unknown[] = [];
    const store = {
      byReference: async () => new Map(),
      messages: async () => new Map([[idOf(1), { lane: 0, providers: new Map([[1, north]]) }]]),
      place: async () => ({ channel: 'email', address: phoneHash }),
      keep: async (_tenant, _provider, receipts) => void kept.push(...receipts),
    } as Partial<ReceiptStore> as ReceiptStore;
    const receipts = createReceipts({
      ...{ log, store, suppress: (_tenant, _place, ...told) => void suppressed.push(told) },
      measures: { receipt: () => undefined, orphan: () => undefined },
      now: () => noon + 1_000,
      onTrouble: (error) => {
        throw error;
      },
    });
    return { log, kept, suppressed, take: receipts.take };
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
    // When they were taken; when it happened each says itself.
    const taken = new Date(noon + 1_000).toISOString();
    expect(log.facts[0]?.metadata.occurredAt).to.equal(taken);
  });

  it('leave an address alone by what brought them, and not where they only came back', async () => {
    const { log, suppressed, take } = open();
    const bounce = { status: 'undelivered', cause: 'bounce' } as const;
    await take(demo, north, [
      delivered(1, { ...bounce, errorClass: 'recipientPermanent', code: '5.1.1' }),
      delivered(1, { ...bounce, code: '5.2.2' }),
      delivered(1, { cause: 'complaint', code: 'abuse' }),
      delivered(1, { status: 'delayed', code: '4.4.1' }),
      delivered(1, { status: 'undelivered', errorClass: 'recipientPermanent', code: '550' }),
    ]);
    const attempt = `${idOf(1)}-1`;
    expect(suppressed).to.deep.equal([
      ['bounce 5.1.1', attempt, 'unreachable'],
      ['complaint abuse', attempt, 'complained'],
      ['550', attempt, 'unreachable'],
    ]);
    const [fact] = log.facts as unknown as {
      data: { receipts: { cause?: string; status: string }[] };
    }[];
    expect(
      fact?.data.receipts.map(({ status, cause }) => `${status} ${cause ?? ''}`),
    ).to.deep.equal([
      ...[
        'undelivered bounce',
        'undelivered bounce',
        'delivered complaint',
        'delayed ',
        'undelivered ',
      ],
    ]);
  });

  it('are kept without addresses in what they say', async () => {
    const { kept, take } = open();
    await take(demo, south, [delivered(1, { code: 'no +37126123456', text: 'ada@example.com' })]);
    expect(kept[0]).to.include({ code: 'no ***', text: '***' });
  });
});
