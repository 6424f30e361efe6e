/** Two that send the same programmes at one time: what holds of one holds of both together. */
import { expect } from 'chai';
import type { MessageId, TenantId } from '../../../domain/ids.js';
import {
  type SandboxControl,
  takeControl,
} from '../../../workers/outreach/providers/sandbox/control.js';
import { eventually } from '../ownLog.js';
import { type House, send, type Sending, startHouse, statusesOf } from './house.js';

describe('two that send together', function () {
  this.timeout(120_000);
  let house: House;
  let sending: Sending[] = [];
  const controls: SandboxControl[] = [];

  before(async () => {
    house = await startHouse();
    sending = [send(house.settings), send(house.settings)];
  });
  afterEach(() => {
    for (const control of controls.splice(0)) control.release();
  });
  after(async () => {
    await Promise.all(sending.map((one) => one.stop()));
    await house.stop();
  });

  const control = (name: string): SandboxControl => {
    const taken = takeControl(name);
    controls.push(taken);
    return taken;
  };
  const many = (count: number, one: object): object[] => Array.from({ length: count }, () => one);
  /** How many messages each of the two handed over. */
  const called = (): [number, number] => {
    const [one = 0, other = 0] = sending.map(({ counted }) => counted.get('called') ?? 0);
    return [one, other];
  };
  /** Of them, since then. */
  const calledSince = ([one, other]: readonly [number, number]): [number, number] => {
    const [now, then] = called();
    return [now - one, then - other];
  };
  /** A call is counted once it is over, which is after it was seen. */
  const allCounted = (before: readonly [number, number], count: number) =>
    eventually('all are counted', () => {
      const [one, other] = calledSince(before);
      return one + other === count;
    });
  const bothHold = (tenant: TenantId) =>
    eventually('both have lanes', async () => {
      const { rows } = await house.pool.query<{ owners: number }>(
        `select count(distinct owner)::int as owners from kopilka.outreach_leases
         where tenant = $1 and held_until > now()`,
        [tenant],
      );
      return rows[0]?.owners === 2;
    });
  /** The tables know of lanes once something was asked for in them. */
  const warmUp = async (tenant: TenantId, sandbox: SandboxControl, count = 16): Promise<void> => {
    const before = called();
    await house.request(tenant, many(count, { class: 'transactional' }));
    await bothHold(tenant);
    await eventually('it is warm', () => sandbox.sent.length === count);
    await allCounted(before, count);
  };

  it('speak to a provider no faster than one would, a burst included, and both of them do', async () => {
    const tenant = await house.programme('paced', { laneCount: 6 });
    const sandbox = control('paced');
    const pace = { perSecond: 25, burst: 60 };
    const settings = { control: 'paced' };
    await house.provider(tenant, 'sms_one', { settings, pace });
    // Both are there before the many come, and what this takes of the burst is counted, too.
    await warmUp(tenant, sandbox);
    const before = called();
    await house.request(tenant, many(120, { class: 'transactional' }));
    await eventually('all are sent', () => sandbox.sent.length === 16 + 120, 40_000);
    await allCounted(before, 120);
    expect(Math.min(...calledSince(before)), 'both').to.be.greaterThan(0);
    expect(mostOver(sandbox.calls, pace), 'more than may go').to.be.at.most(0);
  });

  it('leave each other what they do not need themselves of a provider', async () => {
    const tenant = await house.programme('uneven', { laneCount: 4 });
    const sandbox = control('uneven');
    await house.provider(tenant, 'sms_one', { settings: { control: 'uneven' } });
    await warmUp(tenant, sandbox);
    const other = control('slow');
    const terms = { settings: { control: 'slow' }, pace: { perSecond: 40, burst: 4 } };
    await house.provider(tenant, 'email_one', { ...terms, channel: 'email' });
    // What is counted for one recipient is in one lane, so all of this is with one of the two.
    const recipient = { email: 'ada@example.com' };
    const before = called();
    const asked = { ...{ class: 'marketing', channel: 'email', recipient }, text: mail };
    await house.request(tenant, many(128, asked));
    await eventually('all are sent', () => other.sent.length === 128, 40_000);
    await allCounted(before, 128);
    expect(Math.min(...calledSince(before)), 'one of them sends').to.equal(0);
    const seconds = ((other.calls.at(-1)?.at ?? 0) - (other.calls[0]?.at ?? 0)) / 1_000;
    // It would be twice as much at half of it.
    expect(seconds, 'at the pace of the provider').to.be.within(2.8, 5.4);
  });

  it('write to nobody more often than the programme allows', async () => {
    const caps = [{ channel: null, perSeconds: 7 * 86_400, max: 3 }];
    const tenant = await house.programme('capped', { laneCount: 8, caps });
    const sandbox = control('capped');
    await house.provider(tenant, 'sms_one', { settings: { control: 'capped', batchMax: 10 } });
    await warmUp(tenant, sandbox, 40);
    sandbox.sent.length = 0;
    const before = called();
    const phones = Array.from({ length: 12 }, (_, index) => `+3712555${1_000 + index}`);
    const asked = Array.from({ length: 8 }, () =>
      phones.map((phone) => ({ class: 'marketing', recipient: { phone } })),
    );
    await house.request(tenant, asked.flat());
    await eventually('all are sent or wait', async () => {
      const { scheduled = 0, delivered = 0 } = await statusesOf(house, tenant);
      return scheduled + delivered === 40 + 12 * 8;
    });
    const counts = new Map<string, number>();
    for (const { to } of sandbox.sent) {
      const phone = to.kind === 'phone' ? to.phone : '';
      counts.set(phone, (counts.get(phone) ?? 0) + 1);
    }
    expect(Math.min(...calledSince(before)), 'both').to.be.greaterThan(0);
    expect([...counts.values()]).to.deep.equal(phones.map(() => 3));
  });

  it('let one-time passwords go before a backlog that both are sending', async () => {
    const tenant = await house.programme('busy', { laneCount: 4 });
    const sandbox = control('busy');
    const settings = { control: 'busy', delayMs: 400, batchMax: 10 };
    await house.provider(tenant, 'sms_one', { settings });
    await warmUp(tenant, sandbox);
    const start = called();
    let asked = 16;
    const backlog = (): number => asked - sandbox.sent.length;
    const fillUp = async (): Promise<void> => {
      while (backlog() < 1_500) {
        await house.request(tenant, many(500, { class: 'marketing' }));
        asked += 500;
      }
    };
    await fillUp();
    await eventually('both send', () => Math.min(...calledSince(start)) > 0);
    const behind: number[] = [];
    for (let count = 0; count < 7; count += 1) {
      // However long the ones before took, much is waiting.
      await fillUp();
      const [id] = await house.request(tenant, [{ class: 'otp' }]);
      asked += 1;
      const before = sandbox.sent.length;
      const indexOf = (): number =>
        sandbox.sent.findIndex(({ messageId }) => messageId === (id as MessageId));
      await eventually('a password arrives', () => indexOf() >= 0);
      behind.push(indexOf() - before);
      expect(backlog(), 'there is a backlog').to.be.greaterThan(100);
    }
    // A few calls of both are under way when it comes: never more than a part of what waits.
    expect(behind.sort((one, other) => one - other)[3], 'in the middle').to.be.lessThan(200);
  });
});

const mail = { subject: 'News', text: 'Good day' };

/** The half second is what may be in hand of both when it is counted. @returns by how many messages the pace was overrun at most. */
const mostOver = (
  calls: SandboxControl['calls'],
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
): number => {
  let most = -Infinity;
  calls.forEach((first, from) => {
    let sum = 0;
    for (const { at, messages } of calls.slice(from)) {
      sum += messages;
      const allowed = burst + perSecond * ((at - first.at) / 1_000 + 0.5);
      most = Math.max(most, sum - allowed);
    }
  });
  return most;
};
