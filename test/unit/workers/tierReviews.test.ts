import { expect } from 'chai';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { setTierScheme } from '../../../commands/tier/setTierScheme.js';
import { accountStream } from '../../../domain/account/account.js';
import type { UserId } from '../../../domain/ids.js';
import { dayMs } from '../../../domain/tier/figures.js';
import type { TierScheme } from '../../../domain/tier/scheme.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createTierCalendar } from '../../../workers/tierCalendar.js';
import { createTierReviews } from '../../../workers/tierReviews.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from './eventually.js';

const scheme: TierScheme = {
  basis: 'spent',
  window: { kind: 'days', days: 30 },
  levels: [{ name: 'gold', from: 1_000 }],
  graceDays: 10,
  downgrade: 'reached',
};

describe('the timer of tiers', () => {
  let now: number;
  let house: House;
  let userId: UserId;
  let failures: unknown[];
  let ending: AbortController;
  let running: Promise<void>;

  beforeEach(async () => {
    now = startOfTime;
    failures = [];
    house = openHouse(() => now);
    ending = new AbortController();
    running = Promise.resolve();
    const { handler, context } = house;
    const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, tenant, context());
    await handler.handle(setTierScheme, { scheme }, context());
    const enrol = createEnrolCustomer(handler, createPersonalData(createMemoryPersonalKeys()));
    userId = (await enrol({}, context())).answer.userId;
  });
  afterEach(async () => {
    ending.abort();
    await running;
    await house.close();
  });

  /** As if a purchase had brought it. */
  const reach = async (until: number) => {
    const { context } = house;
    const stream = accountStream(demo, userId);
    const data = {
      from: null,
      to: 'gold',
      figure: 1_000,
      until,
      cause: 'purchase',
      schemeVersion: 1,
    };
    const { correlationId, idempotencyKey } = context();
    const metadata = {
      ...{ tenant: demo, actor: context().actor, correlationId, causationId: correlationId },
      ...{ commandId: idempotencyKey, occurredAt: new Date(now).toISOString() },
      ...{ schemaVersion: 1, fingerprint: '' },
    };
    const fact = {
      id: idempotencyKey,
      type: 'TierChanged',
      data: { ...data, evidenceFrom: 0 },
      metadata,
    };
    await house.log.append(stream, 0, [fact]);
  };
  const open = () => {
    const calendar = createTierCalendar(house.log);
    running = calendar.run(ending.signal);
    const onFailed = (error: unknown) => void failures.push(error);
    return {
      calendar,
      ...createTierReviews({ calendar, handler: house.handler, now: () => now, onFailed }),
    };
  };

  it('reviews whose period is over, after its grace once more, and nobody before', async () => {
    await reach(startOfTime + 30 * dayMs);
    const timer = open();
    await eventually(() => expect(timer.calendar.size()).to.equal(1));
    expect(await timer.tick(ending.signal)).to.equal(0);
    now += 30 * dayMs;
    expect(await timer.tick(ending.signal)).to.equal(1);
    await eventually(() => expect(house.types()).to.include('TierGraceGranted'));
    now += 10 * dayMs;
    await eventually(() => expect(timer.calendar.due(now, 10).length).to.equal(1));
    expect(await timer.tick(ending.signal)).to.equal(1);
    expect(house.types().slice(-3)).to.deep.equal([
      'TierChanged',
      'TierGraceGranted',
      'TierChanged',
    ]);
    await eventually(() => expect(timer.calendar.size()).to.equal(0));
    expect(failures).to.deep.equal([]);
  });

  it('does nothing twice, also where it is told of an account again', async () => {
    await reach(startOfTime + 30 * dayMs);
    now += 31 * dayMs;
    const stale = { due: () => [{ tenant: demo, userId }] };
    const onFailed = (error: unknown) => void failures.push(error);
    const again = () =>
      createTierReviews({ calendar: stale, handler: house.handler, now: () => now, onFailed });
    const timer = again();
    expect(await timer.tick(ending.signal)).to.equal(1);
    expect(await timer.tick(ending.signal)).to.equal(0);
    await again().tick(ending.signal);
    expect(house.types().filter((type) => type === 'TierGraceGranted')).to.have.length(1);
  });

  it('goes on where an account is not known', async () => {
    const stranger = '9'.repeat(25) as UserId;
    const calendar = { due: () => [{ tenant: demo, userId: stranger }] };
    const onFailed = (error: unknown) => void failures.push(error);
    const timer = createTierReviews({ calendar, handler: house.handler, now: () => now, onFailed });
    expect(await timer.tick(ending.signal)).to.equal(1);
    expect(failures).to.have.length(1);
  });
});
