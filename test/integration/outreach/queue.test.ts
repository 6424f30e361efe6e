/** The queue with real stores: sent once, by whoever, whatever is lost. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { TenantId } from '../../../domain/ids.js';
import {
  takeControl,
  type SandboxControl,
} from '../../../workers/outreach/providers/sandbox/control.js';
import { eventually, type House, send, type Sending, startHouse, statusesOf } from './house.js';

describe('the queue of messages', function () {
  this.timeout(60_000);
  let house: House;
  let sending: Sending[] = [];
  const controls: SandboxControl[] = [];

  before(async () => {
    house = await startHouse();
  });
  afterEach(async () => {
    await Promise.all(sending.map((one) => one.stop()));
    sending = [];
    for (const control of controls.splice(0)) control.release();
  });
  after(() => house.stop());

  const start = (...given: Parameters<typeof send>[1][]): Sending[] => {
    sending = given.map((one) => send(house.settings, one));
    return sending;
  };
  const control = (name: string): SandboxControl => {
    const taken = takeControl(name);
    controls.push(taken);
    return taken;
  };
  const settled = (tenant: TenantId, status: string, count: number, deadlineMs?: number) =>
    eventually(
      `${count} ${status} of ${tenant}`,
      async () => (await statusesOf(house, tenant))[status as 'delivered'] === count,
      deadlineMs,
    ).catch(async (error: Error) => {
      const now = {
        statuses: await statusesOf(house, tenant),
        troubles: sending.map((one) => one.troubles),
      };
      throw new Error(`${error.message}: ${inspect(now, { depth: 5 })}`);
    });

  it('sends what was asked for, in batches, and records every attempt before it is made', async () => {
    const tenant = await house.programme('batches');
    const sandbox = control('batches');
    await house.provider(tenant, 'sms_one', { settings: { control: 'batches', batchMax: 50 } });
    await house.request(
      tenant,
      Array.from({ length: 230 }, (_, index) => ({ text: { text: `Number ${index}` } })),
    );
    const [one] = start({});
    await settled(tenant, 'delivered', 230);
    expect(sandbox.sent).to.have.length(230);
    expect(new Set(sandbox.sent.map(({ messageId }) => messageId)).size).to.equal(230);
    expect(sandbox.calls.length).to.be.lessThan(12);
    expect(one?.troubles).to.deep.equal([]);
    const journal = await house.journal(tenant);
    expect(journal.length).to.be.lessThan(40);
  });
});
