/** What campaigns ask of who buys, beyond the account: the birthday and attributes. */
import { expect } from 'chai';
import { confirmPurchase } from '../../../../commands/account/confirmPurchase.js';
import { createQuotePurchase } from '../../../../commands/account/quotePurchase.js';
import { chooseLanguage } from '../../../../commands/customer/chooseLanguage.js';
import {
  createEnrolCustomer,
  type EnrolCustomerInput,
} from '../../../../commands/customer/enrolCustomer.js';
import { setAttributes } from '../../../../commands/customer/setAttributes.js';
import { createPersonalData } from '../../../../commands/personalData.js';
import { InvalidInput } from '../../../../commands/validation.js';
import type { UserId } from '../../../../domain/ids.js';
import { Rejected } from '../../../../domain/rejected.js';
import { promote } from './promotions.js';
import { goods, openShop, receipt, type Shop } from './shop.js';

const day = 86_400_000;

describe('who buys', () => {
  let shop: Shop;
  let opened: string[];
  beforeEach(async () => {
    shop = await openShop();
    opened = [];
    const { birthdays } = shop.directory;
    const of: typeof birthdays.of = async (tenant, userId, sealed) => {
      opened.push(userId);
      return birthdays.of(tenant, userId, sealed);
    };
    Object.assign(shop.directory, { birthdays: { of } });
  });
  afterEach(() => shop.close());

  const enrol = async (input: EnrolCustomerInput): Promise<UserId> => {
    const command = createEnrolCustomer(shop.handler, createPersonalData(shop.keys));
    return (await command(input, shop.context())).answer.userId;
  };
  const offAt = async (userId: UserId, id: string): Promise<number> => {
    const input = { userId, ...receipt(id, goods(1_000)) };
    const { purchaseId: _id, ...asked } = input;
    const quote = await createQuotePurchase(shop.handler)(asked, shop.context());
    const { answer } = await shop.handler.handle(
      confirmPurchase,
      { ...input, quoteId: quote.quoteId },
      shop.context(),
    );
    expect(answer.discount).to.equal(quote.discount);
    return answer.discount;
  };
  const set = (userId: UserId, attributes: Record<string, string | number | boolean | null>) =>
    shop.handler.handle(setAttributes, { userId, attributes }, shop.context());

  it('gets what is for the days around a birthday', async () => {
    await promote(shop, 'cake', { when: { kind: 'birthday', daysBefore: 1, daysAfter: 1 } });
    // The first of January 2011 it is.
    const ann = await enrol({ birthDate: '1980-01-02' });
    const bob = await enrol({ birthDate: '1990-06-15' });
    const cid = await enrol({ name: 'Cid' });
    expect(await offAt(ann, 'a1')).to.equal(100);
    expect(await offAt(bob, 'b1')).to.equal(0);
    expect(await offAt(cid, 'c1')).to.equal(0);
    shop.pass(3 * day);
    expect(await offAt(ann, 'a2')).to.equal(0);
  });

  it('is asked for the birthday only while a campaign asks', async () => {
    await promote(shop, 'plain', {});
    const ann = await enrol({ birthDate: '1980-01-02' });
    expect(await offAt(ann, 'a1')).to.equal(100);
    expect(opened).to.deep.equal([]);
    const cake = { kind: 'birthday', daysBefore: 1, daysAfter: 1 } as const;
    await promote(shop, 'cake', { when: { not: { or: [cake] } } });
    await offAt(ann, 'a2');
    expect(opened).to.deep.equal([ann, ann]);
  });

  it('has a birthday in the log that nobody can read', async () => {
    await enrol({ birthDate: '1980-12-31' });
    const told = JSON.stringify(shop.log.facts.map(({ data }) => data));
    expect(told).to.not.include('12-31');
    expect(shop.log.facts.at(-1)?.data).to.have.property('birthday');
  });

  it('gets what is for an attribute, from enrolment on or later', async () => {
    const when = { kind: 'customer-attribute' as const, name: 'language', oneOf: ['en'] };
    await promote(shop, 'english', { when });
    const ann = await enrol({ attributes: { language: 'en', favouriteShop: 12 } });
    const bob = await enrol({});
    expect(await offAt(ann, 'a1')).to.equal(100);
    expect(await offAt(bob, 'b1')).to.equal(0);
    expect((await set(bob, { language: 'en' })).answer.attributes).to.deep.equal({
      language: 'en',
    });
    await set(ann, { language: null });
    expect(await offAt(bob, 'b2')).to.equal(100);
    expect(await offAt(ann, 'a2')).to.equal(0);
  });

  it('gets what is for their language, or a kind of it', async () => {
    await promote(shop, 'german', { when: { kind: 'language', languages: ['de', 'iw'] } });
    const ann = await enrol({ language: 'de-AT' });
    const bob = await enrol({});
    expect(await offAt(ann, 'a1')).to.equal(100);
    expect(await offAt(bob, 'b1')).to.equal(0);
    const choose = (userId: UserId, language: string | null) =>
      shop.handler.handle(chooseLanguage, { userId, language }, shop.context());
    await choose(ann, 'en');
    await choose(bob, 'he');
    expect(await offAt(ann, 'a2')).to.equal(0);
    expect(await offAt(bob, 'b2')).to.equal(100);
    await choose(bob, null);
    expect(await offAt(bob, 'b3')).to.equal(0);
  });

  it('is described once: what is known already records nothing', async () => {
    const ann = await enrol({ attributes: { vip: true, ageBand: 30 } });
    const before = shop.log.facts.length;
    expect((await set(ann, { vip: true, none: null })).repeated).to.equal(true);
    expect(shop.log.facts.length).to.equal(before);
    await set(ann, { vip: false, ageBand: null, language: 'fr' });
    expect(shop.log.facts.at(-1)?.data).to.deep.equal({
      set: { vip: false, language: 'fr' },
      removed: ['ageBand'],
    });
  });

  it('has so many attributes at most, and none that is a contact', async () => {
    const many = (from: number) =>
      Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`a${from + i}`, i]));
    const ann = await enrol({ attributes: many(0) });
    const refused = async (work: Promise<unknown>) =>
      work.then(
        () => null,
        (error: unknown) => error,
      );
    const full = await refused(set(ann, many(15)));
    expect(full).to.be.instanceOf(Rejected).with.property('code', 'too-many-attributes');
    for (const contact of ['ann@example.com', '+44 20 7946 0018', '02079460018']) {
      const wrong = await refused(set(ann, { note: contact }));
      expect(wrong, contact).to.be.instanceOf(InvalidInput);
      expect((wrong as InvalidInput).faults[0]?.pointer).to.equal('/attributes/note');
      expect(await refused(enrol({ attributes: { note: contact } }))).to.be.instanceOf(
        InvalidInput,
      );
    }
    expect(await refused(set(ann, { note: 'aisle 12, 2026-11-22' }))).to.equal(null);
  });
});
