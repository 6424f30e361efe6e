/** One-time passwords and the rest, sent side by side in one process: each what is of its kind. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { MessageId, TenantId } from '../../../domain/ids.js';
import type { Told } from '../../../platform/compose/outreach.js';
import {
  type SandboxControl,
  takeControl,
} from '../../../workers/outreach/providers/sandbox/control.js';
import { eventually } from '../ownLog.js';
import { type House, send, type Sending, startHouse } from './house.js';

const lanes = 4;

describe('one-time passwords and the rest in one process', function () {
  this.timeout(120_000);
  let house: House;
  let shop: TenantId;
  let control: SandboxControl;
  let usual: Sending;
  let urgent: Sending;
  const told: Told['kind'][] = [];

  before(async () => {
    house = await startHouse();
    shop = await house.programme('shop', { laneCount: lanes });
    control = takeControl('kinds');
    await house.provider(shop, 'sms_shop', { settings: { control: 'kinds', batchMax: 10 } });
    const processId = randomUUID();
    urgent = send(house.settings, { lanes: 'urgent', processId });
    const tellUrgent = (one: Told): void => {
      told.push(one.kind);
      urgent.side.told(one);
    };
    usual = send(house.settings, { lanes: 'usual', processId, tellUrgent });
  });
  after(async () => {
    await Promise.all([usual.stop(), urgent.stop()]);
    control.release();
    await house.stop();
  });

  const sentSince = async (from: number, ids: readonly MessageId[]): Promise<void> => {
    await eventually('all are sent', () => control.sent.length >= from + ids.length, 40_000);
    const sent = control.sent.slice(from).map(({ messageId }) => messageId);
    expect(sent).to.have.members([...ids]);
  };

  it('are sent by two, each what is of its kind, from lanes that nobody else takes', async () => {
    const requests = Array.from({ length: 40 }, (_, index) => ({
      class: index % 2 === 0 ? 'otp' : 'transactional',
    }));
    await sentSince(0, await house.request(shop, requests));
    const called = () => [usual, urgent].map(({ counted }) => counted.get('called') ?? 0);
    // A call is counted once it is over.
    await eventually('all are counted', () => called().reduce((sum, one) => sum + one) === 40);
    expect(called()).to.deep.equal([20, 20]);
    await eventually('each has all lanes of its kind', () =>
      [usual, urgent].every(({ side }) => side.state().lanes === lanes),
    );
    const { rows } = await house.pool.query<{ owner: string; kinds: number }>(
      `select owner, count(distinct lane < 64)::int as kinds from kopilka.outreach_leases
       where tenant = $1 group by owner`,
      [shop],
    );
    expect(rows.map(({ kinds }) => kinds)).to.deep.equal([1, 1]);
  });

  it('hear of those that another process accepted, before the tables know them', async () => {
    const from = control.sent.length;
    told.length = 0;
    const blocker = await house.pool.connect();
    try {
      // Whoever fills the queue waits for this.
      await blocker.query('begin');
      await blocker.query('lock table read.outbox_messages in exclusive mode');
      await sentSince(from, await house.request(shop, [{ class: 'otp' }, { class: 'otp' }]));
      expect(told.filter((kind) => kind === 'heard')).to.have.length(2);
    } finally {
      await blocker.query('rollback');
      blocker.release();
    }
  });

  it('leave nothing undone in the tables, and meet no trouble', async () => {
    await eventually('all are delivered', async () => {
      const messages = await house.messages(shop);
      return messages.length === 42 && messages.every(({ status }) => status === 'delivered');
    });
    expect([...usual.troubles, ...urgent.troubles]).to.deep.equal([]);
  });
});
