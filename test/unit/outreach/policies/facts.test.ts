import { expect } from 'chai';
import { confirmPurchase } from '../../../../commands/account/confirmPurchase.js';
import { grantCoupon } from '../../../../commands/coupon/grantCoupon.js';
import { setTierScheme } from '../../../../commands/tier/setTierScheme.js';
import type { SeriesId } from '../../../../domain/coupon/ids.js';
import { createPolicyFollowing } from '../../../../workers/outreach/policies/following.js';
import { openCoupons } from '../../commands/account/promotions.js';
import { goods, receipt } from '../../commands/account/shop.js';
import { eventually } from '../../workers/eventually.js';
import { type Office, openOffice } from './office.js';

describe('policies on facts', () => {
  let office: Office;
  let stops: (() => Promise<void>)[];
  const failures: unknown[] = [];
  beforeEach(async () => {
    stops = [];
    office = await openOffice();
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await office.close();
    expect(failures).to.deep.equal([]);
  });

  const start = () => {
    const closing = new AbortController();
    const { log, directory, checkpoints, make, now } = office;
    const onFailed = (error: unknown) => void failures.push(error);
    const { run } = createPolicyFollowing({
      ...{ feed: log, directory, checkpoints, make, now, onFailed },
    });
    const running = run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return stop;
  };
  const buy = (id: string, price = 2_000) => {
    office.pass(1_000);
    const order = { userId: office.userId, ...receipt(id, goods(price)) };
    return office.handler.handle(confirmPurchase, order, office.context());
  };
  const count = (many: number) =>
    eventually(() => expect(office.accepted()).to.have.length(many), 4_000);

  it('make one message of a purchase, with what it came to', async () => {
    await office.set('receipts', { kind: 'purchase' }, { params: { greeting: 'Thanks' } });
    start();
    await buy('p1');
    await count(1);
    const [message] = office.accepted();
    expect(message).to.deep.include({
      requester: { kind: 'policy', id: 'receipts' },
      class: 'service',
      template: { templateId: 'news', version: 1 },
    });
    expect(message?.policy?.policyId).to.equal('receipts');
    expect(message?.recipient).to.include({ userId: office.userId });
    expect(await office.said()).to.deep.equal([
      {
        ...{ merchant: 'Shop', greeting: 'Thanks', pointsEarned: 2_000, balance: 2_000 },
        total: { minor: 2_000, currency: 'GBP' },
      },
    ]);
  });

  it('do so once, however often the fact is met', async () => {
    await office.set('receipts', { kind: 'purchase' });
    const stop = start();
    await buy('p1');
    await count(1);
    await stop();
    office.kept.clear();
    await office.set('receipts', { kind: 'purchase' }, { at: '23:30' });
    start();
    await eventually(() =>
      expect(office.made.some(({ repeated }) => repeated > 0)).to.equal(false),
    );
    await buy('p2');
    await count(2);
  });

  it('pass over what happened before they were set, and what is too small', async () => {
    start();
    await buy('p1');
    office.pass(1_000);
    await office.set('receipts', { kind: 'purchase', totalMin: 2_000 });
    await buy('p2', 1_999);
    await buy('p3', 2_000);
    await count(1);
    await office.set('receipts', { kind: 'purchase' }, { enabled: false });
    await buy('p4');
    await office.set('others', { kind: 'purchase' });
    await buy('p5');
    await count(2);
    expect(office.accepted().map(({ policy }) => policy?.policyId)).to.deep.equal([
      ...['receipts', 'others'],
    ]);
  });

  it('tell of nothing that is too long ago for a message of their class', async () => {
    await office.set('receipts', { kind: 'purchase' });
    await buy('p1');
    office.pass(3 * 86_400_000);
    await buy('p2');
    start();
    await count(1);
    const bought = office.log.facts.filter(({ type }) => type === 'PurchaseConfirmed');
    expect(office.accepted()[0]?.policy?.factId).to.equal(bought[1]?.id);
  });

  it('tell of a level that was reached, and not of one that was left', async () => {
    const levels = [
      { name: 'silver', from: 1_000 },
      { name: 'gold', from: 5_000 },
    ];
    const scheme = {
      ...{ basis: 'spent' as const, window: { kind: 'ever' as const }, levels },
      ...{ graceDays: 0, downgrade: 'reached' as const },
    };
    await office.handler.handle(setTierScheme, { scheme }, office.context());
    await office.set('any_level', { kind: 'tierReached' });
    await office.set('gold_only', { kind: 'tierReached', tier: 'gold' });
    start();
    await buy('p1', 2_000);
    await count(1);
    await buy('p2', 4_000);
    await count(3);
    expect(await office.said()).to.have.deep.members([
      { tier: 'silver' },
      { tier: 'gold', previous: 'silver' },
      { tier: 'gold', previous: 'silver' },
    ]);
  });

  it('tell of a coupon that was granted, by the name of its series and until when it is good', async () => {
    const validUntil = office.now() + 30 * 86_400_000;
    const [tea, cake] = ['tea', 'cake'] as SeriesId[] as [SeriesId, SeriesId];
    await openCoupons(office, {
      ...{ seriesId: tea, kind: 'personal', name: 'A cup of tea', terms: { validUntil } },
    });
    await openCoupons(office, { seriesId: cake, kind: 'personal', name: 'A piece of cake' });
    await office.set('any_coupon', { kind: 'couponGranted' });
    await office.set('tea_only', { kind: 'couponGranted', seriesId: tea });
    start();
    const grant = (series: SeriesId) =>
      office.handler.handle(grantCoupon, { userId: office.userId, series }, office.context());
    const granted = [await grant(tea), await grant(cake)].map(({ answer }) => answer.couponId);
    await count(3);
    expect(office.accepted().map(({ policy }) => policy?.policyId)).to.have.members([
      ...['any_coupon', 'any_coupon', 'tea_only'],
    ]);
    const ofTea = {
      ...{ couponId: granted[0], series: 'A cup of tea' },
      validUntil: new Date(validUntil).toISOString(),
    };
    const ofCake = { couponId: granted[1], series: 'A piece of cake' };
    expect(await office.said()).to.have.deep.members([ofTea, ofTea, ofCake]);
  });

  it('wait for the time of day that they name', async () => {
    await office.set('receipts', { kind: 'purchase' }, { at: '10:00', class: 'transactional' });
    start();
    await buy('p1');
    await count(1);
    expect(office.accepted()[0]?.notBefore).to.equal('2011-01-01T10:00:00.000Z');
  });
});
