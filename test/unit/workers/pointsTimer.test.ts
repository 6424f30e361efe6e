import { expect } from 'chai';
import { adjustPoints } from '../../../commands/account/adjustPoints.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { LogUnavailable } from '../../../commands/log.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { setProgrammeRule } from '../../../commands/registry/setProgrammeRule.js';
import { account, accountStream } from '../../../domain/account/account.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { UserId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createPointsTimer, type DueAccounts } from '../../../workers/pointsTimer.js';
import { rule } from '../account/spec.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from './eventually.js';

const day = 86_400_000;
const tenant = { name: 'Demo', currency: rule.currency, gsrnPrefix: '8018000010' };

describe('the timer of points', () => {
  let now: number;
  let house: House;
  let users: UserId[];
  let failures: unknown[];
  let asked: number[];
  const going = new AbortController().signal;

  /** As the read model would say it when it has caught up: who got points and has not lost them. */
  const dueAccounts: DueAccounts = {
    due: async (asOf, limit) => {
      asked.push(asOf);
      const lost = new Set(
        house.log.facts.filter(({ type }) => type === 'PointsExpired').map(({ stream }) => stream),
      );
      return users
        .filter((userId) => asOf >= startOfTime + day && !lost.has(accountStream(demo, userId)))
        .slice(0, limit)
        .map((userId) => ({ tenant: demo, userId }));
    },
  };
  const timer = (due = dueAccounts, handler = house.handler) =>
    createPointsTimer({
      dueAccounts: due,
      handler,
      now: () => now,
      everyMs: 5,
      onFailed: (error) => failures.push(error),
    });
  const expired = () => house.types().filter((type) => type === 'PointsExpired').length;

  const enrolWithPoints = async (count: number) => {
    const personalData = createPersonalData(createMemoryPersonalKeys());
    const enrol = createEnrolCustomer(house.handler, personalData);
    for (let index = 0; index < count; index += 1) {
      const { userId } = (await enrol({}, house.context())).answer;
      const gift = { userId, points: 100, reason: 'welcome' };
      await house.handler.handle(adjustPoints, gift, house.context());
      users.push(userId);
    }
  };

  beforeEach(async () => {
    now = startOfTime;
    users = [];
    failures = [];
    asked = [];
    house = openHouse(() => now);
    await house.handler.handle(registerTenant, tenant, house.context());
    const short = { ...rule, activationDelayDays: 0, lifetimeDays: 1 };
    await house.handler.handle(setProgrammeRule, { rule: short }, house.context());
  });
  afterEach(() => house.close());

  it('settles who is due, and nobody before', async () => {
    await enrolWithPoints(3);
    expect(await timer().tick(going)).to.equal(0);
    now += day;
    expect(await timer().tick(going)).to.equal(3);
    expect(expired()).to.equal(3);
    const [userId] = users as [UserId];
    const state = await house.handler.state(accountStream(demo, userId), account);
    expect(state.points.activeTotal).to.equal(0);
  });

  it('says who did it, and why the same key settles once', async () => {
    await enrolWithPoints(1);
    now += day;
    await timer().tick(going);
    const fact = house.log.facts.at(-1);
    expect(fact?.metadata.actor).to.deep.equal({ kind: 'worker', id: 'pointsTimer' });
    expect(fact?.data).to.include({ asOf: now, points: 100 });
    await Promise.all([timer().tick(going), timer().tick(going)]);
    expect(expired()).to.equal(1);
  });

  it('does not ask again for an account that the read model still names', async () => {
    await enrolWithPoints(2);
    now += day;
    const stale: DueAccounts = {
      due: async () => users.map((userId) => ({ tenant: demo, userId })),
    };
    const one = timer(stale);
    expect(await one.tick(going)).to.equal(2);
    expect(await one.tick(going)).to.equal(0);
    now += 10_000;
    expect(await one.tick(going)).to.equal(2);
    expect(expired()).to.equal(2);
  });

  it('works through more than one batch without a pause', async () => {
    await enrolWithPoints(700);
    now += day;
    const one = timer();
    expect(await one.tick(going)).to.equal(500);
    expect(await one.tick(going)).to.equal(200);
    expect(expired()).to.equal(700);
  });

  it('goes on to the next where one account cannot be settled', async () => {
    await enrolWithPoints(2);
    users.unshift(gsrn('99', 12n));
    now += day;
    await timer().tick(going);
    expect(expired()).to.equal(2);
    expect(failures).to.have.lengthOf(1);
    expect(failures[0]).to.include({ code: 'account-not-found' });
  });

  it('waits and tries again where the database or the log does not answer', async () => {
    await enrolWithPoints(1);
    now += day;
    let answers = 0;
    const flaky: DueAccounts = {
      due: (asOf, limit) => {
        answers += 1;
        return answers === 1 ? Promise.reject(new Error('away')) : dueAccounts.due(asOf, limit);
      },
    };
    let appends = 0;
    const handler: typeof house.handler = {
      ...house.handler,
      handle: (command, input, context) => {
        appends += 1;
        return appends === 1
          ? Promise.reject(new LogUnavailable('away'))
          : house.handler.handle(command, input, context);
      },
    };
    const closing = new AbortController();
    const running = timer(flaky, handler).run(closing.signal);
    await eventually(() => expect(expired()).to.equal(1));
    closing.abort();
    await running;
    expect(failures).to.have.lengthOf(2);
  });

  it('looks again and again, and stops at once', async () => {
    const closing = new AbortController();
    const running = timer().run(closing.signal);
    await eventually(() => expect(asked.length).to.be.above(2));
    await enrolWithPoints(1);
    now += day;
    await eventually(() => expect(expired()).to.equal(1));
    const looked = asked.length;
    closing.abort();
    await running;
    expect(asked.length - looked, 'looks that were begun').to.be.at.most(1);
  });
});
