/** One programme's backlog of marketing does not keep another's one-time passwords waiting. The full size is measured by the bench. */
import { expect } from 'chai';
import type { MessageId, TenantId } from '../../../domain/ids.js';
import { takeControl } from '../../../workers/outreach/providers/sandbox/control.js';
import { eventually } from '../ownLog.js';
import { type House, send, type Sending, startHouse, statusesOf } from './house.js';

const backlog = 3_000;
const samples = 20;
const everyMs = 40;

describe('one-time passwords beside a backlog of another programme', function () {
  this.timeout(120_000);
  let house: House;
  let sending: Sending | undefined;

  before(async () => {
    house = await startHouse();
  });
  after(async () => {
    await sending?.stop();
    await house.stop();
  });

  it('go before it, and wait not much longer than where there is none', async () => {
    const bulk = await house.programme('bulk');
    const shop = await house.programme('shop');
    const marketing = takeControl('bulk');
    const passwords = takeControl('shop');
    await house.provider(bulk, 'sms_bulk', { settings: { control: 'bulk', delayMs: 2 } });
    await house.provider(shop, 'sms_shop', { settings: { control: 'shop', batchMax: 1 } });
    const arrivedAt = new Map<MessageId, number>();
    passwords.onCall = (messages) => {
      for (const { messageId } of messages) arrivedAt.set(messageId, performance.now());
    };
    sending = send(house.settings);

    const median = async (tenant: TenantId): Promise<number> => {
      const waits: number[] = [];
      for (let count = 0; count < samples; count += 1) {
        const [id] = await house.request(tenant, [{ class: 'otp' }]);
        const acceptedAt = performance.now();
        await eventually('a password arrives', () => arrivedAt.has(id as MessageId), 60_000);
        waits.push((arrivedAt.get(id as MessageId) ?? 0) - acceptedAt);
        await new Promise((resolve) => setTimeout(resolve, everyMs));
      }
      waits.sort((one, other) => one - other);
      return waits[Math.floor(samples / 2)] ?? 0;
    };

    await median(shop);
    const idle = await median(shop);
    let asked = 0;
    const fillUp = async (): Promise<void> => {
      for (; asked - marketing.sent.length < backlog; asked += 500) {
        await house.request(
          bulk,
          Array.from({ length: 500 }, () => ({ class: 'marketing' })),
        );
      }
    };
    await fillUp();
    await eventually('marketing is being sent', () => marketing.sent.length > 100, 60_000);
    // Quiet machines show a few milliseconds: what a busy one adds by itself is let pass.
    const mostMs = 2 * idle + 60;
    let busy = await median(shop);
    // A moment in which the machine did something else is not the backlog's doing, which is there each time.
    for (let again = 0; again < 2 && busy >= mostMs; again += 1) {
      await fillUp();
      busy = await median(shop);
    }
    const { delivered = 0 } = await statusesOf(house, bulk);
    marketing.release();
    passwords.release();
    expect(busy).to.be.lessThan(mostMs);
    expect(delivered, 'the others wait, and do not starve').to.be.greaterThan(0);
  });
});
