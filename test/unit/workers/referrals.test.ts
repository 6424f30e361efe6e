import { expect } from 'chai';
import { confirmPurchase } from '../../../commands/account/confirmPurchase.js';
import { returnPurchase } from '../../../commands/account/returnPurchase.js';
import { closeAccount, enrolling } from '../referral/customers.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { createPersonalData } from '../../../commands/personalData.js';
import {
  endReferralProgramme,
  setReferralProgramme,
} from '../../../commands/referral/setProgramme.js';
import { account, accountStream } from '../../../domain/account/account.js';
import type { Position } from '../../../domain/fact.js';
import type { CardNumber, ReturnId, UserId } from '../../../domain/ids.js';
import type { ReferralProgramme } from '../../../domain/referral/programme.js';
import { Rejected } from '../../../domain/rejected.js';
import { createReferralsWorker } from '../../../workers/referrals.js';
import { goods, openShop, receipt, type Shop, till } from '../commands/account/shop.js';
import { demo } from '../commands/house.js';
import { programme } from '../referral/spec.js';
import { eventually } from './eventually.js';

describe('referrals through the commands', () => {
  let shop: Shop;
  let kept: Position | null;
  let stops: (() => Promise<void>)[];
  let enrol: ReturnType<typeof enrolling>;
  const failures: unknown[] = [];

  beforeEach(async () => {
    kept = null;
    stops = [];
    shop = await openShop();
    enrol = enrolling(shop);
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await shop.close();
    expect(failures).to.deep.equal([]);
  });

  const start = () => {
    const closing = new AbortController();
    const { run } = createReferralsWorker({
      feed: shop.log,
      handler: shop.handler,
      checkpoints: {
        load: async () => kept,
        save: async (_name, position) => void (kept = position),
      },
      now: shop.now,
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
  const set = (changes: Partial<ReferralProgramme> = {}) =>
    shop.handler.handle(
      setReferralProgramme,
      { programme: { ...programme, ...changes } },
      shop.context(),
    );
  const buy = (userId: UserId, id: string, price = 2_000) =>
    shop.handler.handle(confirmPurchase, { userId, ...receipt(id, goods(price)) }, shop.context());
  const stateOf = (userId: UserId) => shop.handler.state(accountStream(demo, userId), account);
  const codeOf = async (userId: UserId) =>
    (await shop.directory.referrals.codes(demo)).codeOf(userId);
  const pointsOf = async (userId: UserId) => {
    const { points } = await stateOf(userId);
    return points.activeTotal + points.pendingTotal;
  };
  const refusal = async (work: Promise<unknown>): Promise<Record<string, unknown>> => {
    try {
      await work;
    } catch (error) {
      if (error instanceof Rejected) return { code: error.code, ...error.details };
      throw error;
    }
    return { code: null };
  };

  it('reward both with the purchase that qualifies, exactly once', async () => {
    await set();
    const { userId: bob } = await enrol({ referralCode: await codeOf(shop.userId) });
    const stop = start();
    await buy(bob, 'p1');
    // 20.00 earn 20 points.
    await eventually(async () => expect(await pointsOf(bob)).to.equal(2_000 + 300));
    expect(await pointsOf(shop.userId)).to.equal(500);
    await stop();
    kept = null;
    start();
    const { userId: cid } = await enrol({ referredBy: shop.userId });
    await buy(cid, 'p2');
    await eventually(async () => expect(await pointsOf(cid)).to.equal(2_300));
    expect(await pointsOf(bob)).to.equal(2_300);
    expect(await pointsOf(shop.userId)).to.equal(1_000);
  });

  it('never pass the limit, however many newcomers buy at once', async () => {
    await set({ limits: { total: 3, period: null } });
    const referralCode = await codeOf(shop.userId);
    const newcomers: UserId[] = [];
    for (let n = 0; n < 12; n += 1) newcomers.push((await enrol({ referralCode })).userId);
    start();
    start(); // another process does the same work
    await Promise.all(newcomers.map((userId, n) => buy(userId, `p${n}`)));
    await eventually(async () => {
      expect((await stateOf(shop.userId)).referrals.rewards.size).to.equal(12);
      for (const userId of newcomers) expect(await pointsOf(userId)).to.equal(2_300);
    });
    expect(await pointsOf(shop.userId)).to.equal(3 * 500);
    const refused = shop.log.facts.filter(({ type }) => type === 'ReferralRewardRefused');
    expect(refused).to.have.length(9);
  });

  it('take both rewards back with the goods', async () => {
    await set();
    const { userId: bob } = await enrol({ referredBy: shop.userId });
    start();
    await buy(bob, 'p1');
    await eventually(async () => expect(await pointsOf(bob)).to.equal(2_300));
    const back = { ...till, userId: bob, purchaseId: 'p1' as never, returnId: 'r1' as ReturnId };
    await shop.handler.handle(returnPurchase, back, shop.context());
    await eventually(async () => {
      expect(await pointsOf(bob)).to.equal(0);
      expect(await pointsOf(shop.userId)).to.equal(0);
    });
  });

  it('wait for a directory that has not come so far, and lose no reward', async () => {
    await set();
    const { userId: bob } = await enrol({ referredBy: shop.userId });
    await buy(bob, 'p1');
    const { version } = shop.directory.referrals;
    let asked = 0;
    Object.assign(shop.directory.referrals, {
      version: (...of: Parameters<typeof version>) => ((asked += 1) < 3 ? null : version(...of)),
    });
    start();
    await eventually(async () => expect(await pointsOf(bob)).to.equal(2_300));
    expect(await pointsOf(shop.userId)).to.equal(500);
    expect(failures.splice(0)).to.have.length(2);
  });

  it('reward an enrolment at once where that is enough', async () => {
    await set({ qualifies: { kind: 'enrolment' } });
    start();
    const { userId: bob } = await enrol({ referredBy: shop.userId });
    await eventually(async () => expect(await pointsOf(bob)).to.equal(300));
    expect(await pointsOf(shop.userId)).to.equal(500);
  });

  it('keep for newcomers on the way what they came under', async () => {
    await set();
    const { userId: bob } = await enrol({ referredBy: shop.userId });
    await set({ newcomer: { kind: 'points', points: 1 } });
    await shop.handler.handle(endReferralProgramme, { reason: 'over' }, shop.context());
    start();
    await buy(bob, 'p1');
    await eventually(async () => expect(await pointsOf(bob)).to.equal(2_300));
  });

  it('refuse a bad code with its place, and enrol nobody by half', async () => {
    const before = shop.types().length;
    const own = await codeOf(shop.userId);
    expect(await refusal(enrol({ referralCode: own }))).to.deep.equal({
      code: 'referrals-not-open',
      pointer: '/referralCode',
    });
    await set();
    for (const referralCode of [
      'nonsense',
      own.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
    ]) {
      const phone = '+442079460018';
      const cardNumber = '2200000000055' as CardNumber;
      expect(await refusal(enrol({ referralCode, phone, cardNumber }))).to.deep.equal({
        code: 'referral-code-unknown',
        pointer: '/referralCode',
      });
    }
    expect(shop.types().slice(before)).to.deep.equal(['ReferralProgrammeSet']);
  });

  it('refuse to bring oneself, whoever had an account before, and the nameless where a contact is asked for', async () => {
    const phone = '+442079460018';
    const { userId: ann } = await enrol({ phone });
    await set({ contactRequired: true });
    const named = { referredBy: ann };
    const because = async (...asked: Parameters<typeof enrol>) =>
      (await refusal(enrol(...asked)))['reason'];
    expect(await because({ ...named, phone })).to.equal('self');
    expect(await because({ ...named })).to.equal('contact-needed');
    expect(
      await because({
        referredBy: ann,
        email: 'bob@example.com',
        cardNumber: '2200000000017' as CardNumber,
      }),
    ).to.equal(undefined);
    await set({ contactRequired: false });
    const card = '2200000000017' as CardNumber;
    expect(await because({ referredBy: shop.userId, cardNumber: card })).to.equal('self');
    const bobs = { email: 'bob@example.org' };
    const { userId: bob } = await enrol({ referredBy: ann, ...bobs });
    expect(await because({ referredBy: shop.userId, userId: bob, ...bobs })).to.equal('not-new');
    const family = { userId: bob, phone: '+442079460021' };
    const people = createPersonalData(shop.keys);
    await createAddMember(shop.handler, people)(family, shop.context());
    // Found by the contacts of everybody on the account, under one key.
    const again = createEnrolCustomer(shop.handler, people);
    const asked = again({ referredBy: bob, phone: family.phone }, shop.context());
    expect((await refusal(asked))['reason']).to.equal('self');
    // Ann leaves and comes back, brought by whom she had brought: no newcomer.
    await closeAccount(shop, ann);
    expect(await because({ referredBy: bob, phone })).to.equal('not-new');
    expect(await because({ referredBy: ann })).to.equal('referrer-gone');
  });

  it('answer a repeated enrolment as the first time, whatever changed', async () => {
    await set();
    const key = { idempotencyKey: 'enrol-1' };
    const asked = { referredBy: shop.userId, email: 'bob@example.com' };
    const first = await enrol(asked, key);
    await shop.handler.handle(endReferralProgramme, { reason: 'over' }, shop.context());
    expect(await enrol(asked, key)).to.deep.equal(first);
    expect(first.referredBy).to.equal(shop.userId);
  });
});
