/** The queue with real stores: sent once, by whoever, whatever is lost. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import type { TenantId } from '../../../domain/ids.js';
import { triesMax } from '../../../domain/message/message.js';
import { outbox } from '../../../projections/outbox/outbox.js';
import { rebuild } from '../../../projections/rebuild.js';
import { verify } from '../../../projections/verify.js';
import {
  takeControl,
  type SandboxControl,
} from '../../../workers/outreach/providers/sandbox/control.js';
import { eventually } from '../ownLog.js';
import { type House, send, type Sending, startHouse, statusesOf } from './house.js';

describe('the queue of messages', function () {
  this.timeout(120_000);
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

  it('shares the lanes of a programme between two that send, and sends nothing twice', async () => {
    const tenant = await house.programme('shared', { laneCount: 6 });
    const sandbox = control('shared');
    await house.provider(tenant, 'sms_one', { settings: { control: 'shared', delayMs: 5 } });
    await house.request(
      tenant,
      Array.from({ length: 300 }, () => ({})),
    );
    const [one, other] = start({}, {});
    const both = () => [one, other].every((each) => (each?.counted.get('called') ?? 0) > 0);
    const more = async (): Promise<boolean> => {
      await house.request(
        tenant,
        Array.from({ length: 60 }, () => ({})),
      );
      return both();
    };
    await eventually('both send', more, 40_000);
    const { length: total } = await house.messages(tenant);
    await eventually('all are delivered', async () => {
      const { delivered = 0, ...rest } = await statusesOf(house, tenant);
      return delivered >= total && Object.keys(rest).length === 0;
    });
    const sent = sandbox.sent.map(({ clientReference }) => clientReference);
    expect(new Set(sent).size, 'references').to.equal(sent.length);
    const messages = new Set(sandbox.sent.map(({ messageId }) => messageId));
    expect(messages.size, 'messages').to.equal(sent.length);
  });

  it('goes on where a lane was lost with everything that its sender had in hand', async () => {
    const tenant = await house.programme('handed');
    const sandbox = control('handed');
    await house.provider(tenant, 'sms_one', { settings: { control: 'handed', delayMs: 20 } });
    await house.request(
      tenant,
      Array.from({ length: 400 }, () => ({})),
    );
    // Not so short that a machine that stands still loses it to the other.
    const leaseMs = 2_000;
    const [one] = start({ tuning: { leaseMs } }, { tuning: { leaseMs } });
    await eventually('something is sent', () => sandbox.sent.length > 20);
    await one?.stop();
    await settled(tenant, 'delivered', 400, 40_000);
    expect(new Set(sandbox.sent.map(({ messageId }) => messageId)).size).to.equal(400);
    expect(sandbox.sent).to.have.length(400);
  });

  it('tries again what may pass, by another provider where there is one, and gives up what will not', async () => {
    const tenant = await house.programme('failing');
    const bad = control('bad');
    const good = control('good');
    const account = [{ outcome: 'accountPermanent' }];
    await house.provider(tenant, 'sms_bad', { settings: { control: 'bad', faults: account } });
    await house.provider(tenant, 'sms_good', {
      settings: {
        control: 'good',
        faults: [{ addressEndsWith: '9', outcome: 'recipientPermanent' }],
      },
    });
    const phones = Array.from({ length: 20 }, (_, index) => `+371255500${10 + index}`);
    await house.request(
      tenant,
      phones.map((phone) => ({ recipient: { phone }, class: 'transactional' })),
    );
    start({});
    await eventually('all are over', async () => {
      const { delivered = 0, undelivered = 0 } = await statusesOf(house, tenant);
      return delivered === 18 && undelivered === 2;
    });
    expect(bad.sent.length).to.be.within(0, 20);
    expect(good.sent).to.have.length(20);
    const { rows } = await house.pool.query(
      `select reason from read.outbox_suppressions where tenant = 'failing'`,
    );
    await eventually('the addresses are left alone', async () => {
      const found = await house.pool.query(
        `select reason from read.outbox_suppressions where tenant = 'failing'`,
      );
      return found.rowCount === 2;
    });
    expect(rows.every(({ reason }) => reason === 'unreachable')).to.equal(true);
  });

  it('obeys a provider that asks to slow down, and counts it as no try', async () => {
    const tenant = await house.programme('throttled');
    const sandbox = control('throttled');
    const pauseMs = 60_000;
    sandbox.behaviour = { faults: [{ outcome: 'throttled', retryAfterMs: pauseMs }] };
    await house.provider(tenant, 'sms_one', { settings: { control: 'throttled' } });
    await house.request(tenant, [{ class: 'transactional' }]);
    const answers = async () =>
      (await house.journal(tenant))
        .filter(({ type }) => type === 'AttemptsAnswered')
        .flatMap(({ data }) => (data as { answers: { outcome: string }[] }).answers)
        .map(({ outcome }) => outcome);
    let ahead = 0;
    start({ now: () => Date.now() + ahead });
    const asked = triesMax + 1;
    for (let times = 1; times <= asked; times += 1) {
      await eventually(
        `it was asked ${times} times`,
        async () => (await answers()).length === times,
      );
      if (times === asked) sandbox.behaviour = {};
      ahead += pauseMs;
    }
    await settled(tenant, 'delivered', 1);
    expect(await answers()).to.deep.equal([
      ...Array.from({ length: asked }, () => 'throttled'),
      'submitted',
    ]);
    const times = sandbox.calls.map(({ at }) => at);
    const pauses = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(Math.min(...pauses), 'from one call to the next').to.be.at.least(pauseMs);
  });

  it('keeps to the pace of a provider', async () => {
    const tenant = await house.programme('paced');
    const sandbox = control('paced');
    await house.provider(tenant, 'sms_one', {
      settings: { control: 'paced' },
      pace: { perSecond: 50, burst: 10 },
    });
    await house.request(
      tenant,
      Array.from({ length: 210 }, () => ({})),
    );
    start({});
    await settled(tenant, 'delivered', 210, 40_000);
    const first = sandbox.calls[0]?.at ?? 0;
    const last = sandbox.calls.at(-1)?.at ?? 0;
    // Four seconds, and twice as many at half of it: enough for what a busy machine adds by itself.
    expect(last - first).to.be.within(3_600, 7_600);
  });

  it('asks after what nothing came back of, and sends it again only where it never arrived', async () => {
    const tenant = await house.programme('unknown');
    const sandbox = control('unknown');
    const lost = [{ addressEndsWith: '7', outcome: 'unknownOutcome', arrives: false }];
    const kept = [{ addressEndsWith: '8', outcome: 'unknownOutcome', arrives: true }];
    const settings = { reconcile: 'remembers' as const };
    sandbox.behaviour = { ...settings, faults: [...lost, ...kept] as never };
    await house.provider(tenant, 'sms_one', { settings: { control: 'unknown', ...settings } });
    const phones = ['+37125550017', '+37125550018', '+37125550011'];
    const ids = await house.request(
      tenant,
      phones.map((phone) => ({ recipient: { phone } })),
    );
    let ahead = 0;
    start({ now: () => Date.now() + ahead });
    await settled(tenant, 'delivered', 1);
    await eventually('two are not known', async () => {
      const messages = await house.messages(tenant);
      return messages.filter(({ attempts }) => attempts[0]?.outcome === 'unknown').length === 2;
    });
    sandbox.behaviour = settings;
    ahead = 11_000;
    await eventually('they were asked after', async () => {
      const messages = await house.messages(tenant);
      return messages.every(({ attempts }) => attempts[0]?.outcome !== 'unknown');
    });
    ahead = 30_000;
    await settled(tenant, 'delivered', 3);
    const times = (id: unknown) => sandbox.sent.filter(({ messageId }) => messageId === id).length;
    expect(ids.map(times)).to.deep.equal([2, 1, 1]);
  });

  it('goes on to the next step of a cascade in time, and tells what came late', async () => {
    const tenant = await house.programme('cascade');
    const push = control('push');
    const sms = control('sms');
    await house.provider(tenant, 'push_one', { channel: 'push', settings: { control: 'push' } });
    await house.provider(tenant, 'sms_one', { settings: { control: 'sms' } });
    const device = { endpoint: 'https://push.example/1', keys: { p256dh: 'abc', auth: 'def' } };
    const [id] = await house.requestSteps(tenant, {
      recipient: { phone: '+37125550099', push: device },
      steps: [
        { channel: 'push', until: 'delivered', waitSeconds: 10 },
        { channel: 'sms', until: 'delivered', waitSeconds: 60 },
      ],
    });
    let ahead = 0;
    start({ now: () => Date.now() + ahead });
    await eventually('it was pushed, and that is recorded', async () => {
      // Their table is made when the first is sent.
      const [message] = await house.messages(tenant).catch(() => []);
      return message?.attempts[0]?.outcome === 'submitted';
    });
    expect(push.sent).to.have.length(1);
    ahead = 11_000;
    await eventually('it was sent as a short message', () => sms.sent.length === 1);
    const at = Date.now();
    const [pushed, texted] = [push.sent[0], sms.sent[0]];
    sms.report([{ clientReference: texted?.clientReference ?? '', status: 'delivered', at }]);
    await settled(tenant, 'delivered', 1);
    push.report([
      { providerReference: `sandbox.${pushed?.clientReference}`, status: 'delivered', at },
    ]);
    await eventually('it came late', async () => {
      const [message] = await house.messages(tenant);
      return (
        message?.messageId === id && message?.lateReceipts === 1 && message.deliveredTwice === true
      );
    });
  });

  it('keeps a receipt that nothing is known of, and joins it once there is', async () => {
    const tenant = await house.programme('early');
    const sandbox = control('early');
    await house.provider(tenant, 'sms_one', { settings: { control: 'early', delayMs: 300 } });
    await house.request(tenant, [{ until: 'delivered' }]);
    const [one] = start({});
    await eventually('it is being sent', () => sandbox.sent.length === 1);
    const reference = sandbox.sent[0]?.clientReference ?? '';
    const at = Date.now();
    sandbox.report([
      { providerReference: `sandbox.${reference}`, status: 'delivered', at },
      { providerReference: 'of-somebody-else', status: 'delivered', at },
    ]);
    await settled(tenant, 'delivered', 1);
    expect(one?.counted.get('receipt delivered')).to.equal(1);
    const kept = await house.pool.query('select receipt from kopilka.outreach_receipts');
    expect(kept.rows).to.have.length(1);
  });

  it('leaves an address alone that a receipt says nothing arrives at', async () => {
    const tenant = await house.programme('bounced');
    const sandbox = control('bounced');
    await house.provider(tenant, 'sms_one', { settings: { control: 'bounced' } });
    await house.request(tenant, [{ until: 'delivered' }]);
    start({});
    await settled(tenant, 'inProgress', 1);
    const clientReference = sandbox.sent[0]?.clientReference ?? '';
    const lost = { errorClass: 'recipientPermanent', code: 'absent' } as const;
    sandbox.report([{ clientReference, status: 'undelivered', at: Date.now(), ...lost }]);
    await settled(tenant, 'undelivered', 1);
    await eventually('the address is left alone', async () => {
      const found = await house.pool.query(
        `select from read.outbox_suppressions where tenant = 'bounced' and reason = 'unreachable'`,
      );
      return found.rowCount === 1;
    });
  });

  it('holds what is to be quiet, ends what expired, and does not send what was cancelled', async () => {
    // All but a minute, which is half a day away.
    const [from, to] = [721, 720].map((minutes) =>
      new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16),
    );
    const quiet = { quietHours: { from, to } };
    const tenant = await house.programme('orders', quiet);
    const sandbox = control('orders');
    await house.provider(tenant, 'sms_one', { settings: { control: 'orders' } });
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const [held, urgent, later] = await house.request(tenant, [
      { class: 'service' },
      { class: 'otp' },
      { class: 'transactional', notBefore: soon },
    ]);
    let ahead = 0;
    start({ now: () => Date.now() + ahead });
    await settled(tenant, 'delivered', 1);
    expect(sandbox.sent.map(({ messageId }) => messageId)).to.deep.equal([urgent]);
    await settled(tenant, 'scheduled', 2);
    await house.cancel(tenant, later);
    await settled(tenant, 'cancelled', 1);
    ahead = 49 * 3_600_000;
    await settled(tenant, 'expired', 1);
    const messages = await house.messages(tenant);
    expect(messages.find(({ messageId }) => messageId === held)?.reason).to.equal('quiet-hours');
    expect(sandbox.sent).to.have.length(1);
  });

  it('is rebuilt from the log while messages are on their way, and sends nothing twice', async () => {
    const tenant = await house.programme('rebuilt');
    const sandbox = control('rebuilt');
    await house.provider(tenant, 'sms_one', {
      settings: { control: 'rebuilt', delayMs: 15, batchMax: 20 },
    });
    await house.request(
      tenant,
      Array.from({ length: 600 }, () => ({})),
    );
    start({});
    await eventually('some are on their way', () => sandbox.sent.length > 100);
    const { signal } = new AbortController();
    await rebuild({ feed: house.feed, pool: house.pool, projection: outbox, signal });
    await eventually('more are on their way', () => sandbox.sent.length > 300);
    await house.pool.query('truncate outbox_v2.ready, outbox_v2.scheduled');
    await rebuild({ feed: house.feed, pool: house.pool, projection: outbox, signal });
    await settled(tenant, 'delivered', 600, 40_000);
    expect(sandbox.sent).to.have.length(600);
    const { differences } = await verify({
      ...{ feed: house.feed, pool: house.pool, projection: outbox, signal },
    });
    expect(differences).to.deep.equal([]);
  });

  it('is filled anew where its tables were dropped, and sends nothing twice', async () => {
    const tenant = await house.programme('dropped');
    const sandbox = control('dropped');
    await house.provider(tenant, 'sms_one', {
      settings: { control: 'dropped', delayMs: 15, batchMax: 20 },
    });
    await house.request(
      tenant,
      Array.from({ length: 400 }, () => ({})),
    );
    const [one] = start({});
    await eventually('some are on their way', () => sandbox.sent.length > 60);
    await one?.stop();
    await house.pool.query('drop schema outbox_v2 cascade');
    start({});
    await settled(tenant, 'delivered', 400, 40_000);
    expect(sandbox.sent).to.have.length(400);
  });
});
