import { expect } from 'chai';
import { openSeries } from '../../../commands/coupon/openSeries.js';
import { blockSeries } from '../../../commands/coupon/seriesStatus.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { account, accountStream } from '../../../domain/account/account.js';
import type { SeriesId } from '../../../domain/coupon/ids.js';
import type { Position } from '../../../domain/fact.js';
import type { UserId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createCouponGrantsWorker } from '../../../workers/couponGrants.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from './eventually.js';

describe('granting coupons after events', () => {
  let now: number;
  let house: House;
  let kept: Position | null;
  let stops: (() => Promise<void>)[];
  const failures: unknown[] = [];

  beforeEach(async () => {
    now = startOfTime;
    kept = null;
    stops = [];
    house = openHouse(() => now);
    const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await house.handler.handle(registerTenant, tenant, house.context());
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await house.close();
    expect(failures).to.deep.equal([]);
  });

  const start = () => {
    const closing = new AbortController();
    const { run } = createCouponGrantsWorker({
      feed: house.log,
      handler: house.handler,
      checkpoints: {
        load: async () => kept,
        save: async (_name, position) => void (kept = position),
      },
      now: () => now,
      onFailed: (error) => failures.push(error),
    });
    const running = run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return stop;
  };
  const open = (seriesId: string, grantedAfter?: 'CustomerEnrolled' | 'CardIssued') =>
    openSeries(
      house.handler,
      {
        ...{ seriesId: seriesId as SeriesId, name: seriesId, kind: 'personal' },
        ...(grantedAfter && { terms: { grantedAfter } }),
      },
      house.context(),
    );
  const enrol = async (): Promise<UserId> => {
    const personalData = createPersonalData(createMemoryPersonalKeys());
    const command = createEnrolCustomer(house.handler, personalData);
    return (await command({}, house.context())).answer.userId;
  };
  const heldBy = async (userId: UserId): Promise<string[]> => {
    const { coupons } = await house.handler.state(accountStream(demo, userId), account);
    return [...coupons.values()].map(({ series }) => series);
  };
  const become = (userId: UserId, series: string[]) =>
    eventually(async () => expect(await heldBy(userId)).to.deep.equal(series));

  it('gives to whom it happens while the series is open, and to nobody before', async () => {
    const early = await enrol();
    now += 1_000;
    await open('hello', 'CustomerEnrolled');
    await open('plastic', 'CardIssued');
    await open('other');
    start();
    const late = await enrol();
    await become(late, ['hello']);
    expect(await heldBy(early)).to.deep.equal([]);
    const reason = 'a pause';
    const order = { seriesId: 'hello' as SeriesId, reason };
    await house.handler.handle(blockSeries, order, house.context());
    const blocked = await enrol();
    await open('second', 'CustomerEnrolled');
    const later = await enrol();
    await become(later, ['second']);
    expect(await heldBy(blocked)).to.deep.equal([]);
    expect(await heldBy(early)).to.deep.equal([]);
  });

  it('gives nobody a second one when the log is read again', async () => {
    await open('hello', 'CustomerEnrolled');
    const ann = await enrol();
    const stop = start();
    await become(ann, ['hello']);
    await stop();
    kept = null;
    start();
    const bob = await enrol();
    await become(bob, ['hello']);
    expect(await heldBy(ann)).to.deep.equal(['hello']);
  });
});
