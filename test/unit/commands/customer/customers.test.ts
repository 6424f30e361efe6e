import { expect } from 'chai';
import { blockCard } from '../../../../commands/customer/blockCard.js';
import { createCloseAccount } from '../../../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../../commands/customer/erasePerson.js';
import { issueCard } from '../../../../commands/customer/issueCard.js';
import { replaceCard } from '../../../../commands/customer/replaceCard.js';
import { reservationMs } from '../../../../commands/customer/reservation.js';
import { createPersonalData } from '../../../../commands/personalData.js';
import { registerTenant } from '../../../../commands/registry/registerTenant.js';
import type { CustomerEnrolled } from '../../../../domain/account/events.js';
import { checkDigit, gsrn, isGsrn } from '../../../../domain/gsrn.js';
import type { EventOf } from '../../../../domain/event.js';
import type { CardNumber, MerchantId, UserId } from '../../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../../platform/memory/personalKeys.js';
import { failure } from '../failure.js';
import { demo, type House, openHouse, startOfTime } from '../house.js';

const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
const phone = '+44 20 7946 0018';
const email = 'Ann@Example.com';
const one = '1111' as CardNumber;
const two = '2222' as CardNumber;
const reason = 'asked for';

describe('customers', () => {
  let now: number;
  let house: House;
  let personalData: ReturnType<typeof createPersonalData>;
  let enrol: ReturnType<typeof createEnrolCustomer>;
  beforeEach(async () => {
    now = startOfTime;
    house = openHouse(() => now);
    personalData = createPersonalData(createMemoryPersonalKeys());
    enrol = createEnrolCustomer(house.handler, personalData);
    await house.handler.handle(registerTenant, tenant, house.context());
  });
  afterEach(() => house.close());

  const enrolled = async (input: Parameters<typeof enrol>[0] = {}) =>
    (await enrol(input, house.context())).answer.userId;
  const dataOf = (userId: UserId) =>
    house.log.facts.find(
      ({ type, stream }) => type === 'CustomerEnrolled' && stream.endsWith(userId),
    )?.data as EventOf<typeof CustomerEnrolled>['data'];

  describe('enrolling', () => {
    it('gives a number of the programme with its check digit', async () => {
      const userId = await enrolled();
      expect(isGsrn(userId)).to.equal(true);
      expect(userId.startsWith(tenant.gsrnPrefix)).to.equal(true);
      expect(await enrolled()).not.to.equal(userId);
    });

    it('answers a repeat with the same customer', async () => {
      const context = house.context();
      const first = await enrol({ phone, cardNumber: one }, context);
      const again = await enrol({ phone, cardNumber: one }, context);
      expect(again).to.deep.equal({ ...first, repeated: true });
    });

    it('takes a number that is brought, if its check digit is right', async () => {
      const brought = gsrn('99', 12n);
      expect(await enrolled({ userId: brought })).to.equal(brought);
      const wrong = `${brought.slice(0, -1)}${(Number(brought.at(-1)) + 1) % 10}` as UserId;
      expect(await failure(enrolled({ userId: wrong }))).to.include({ code: 'invalid-user-id' });
    });

    it('writes the person encrypted, and nothing of it anywhere else', async () => {
      const userId = await enrolled({ name: 'Ann Lee', phone, email, birthDate: '1980-12-31' });
      const sealed = dataOf(userId).person;
      expect(await personalData.open(demo, userId, sealed)).to.deep.equal({
        name: 'Ann Lee',
        phone: '+442079460018',
        email: 'ann@example.com',
        birthDate: '1980-12-31',
      });
      const log = house.log.facts.map(({ data, metadata, stream }) =>
        JSON.stringify({ data, metadata, stream }),
      );
      expect(log.join()).not.to.match(/Ann Lee|442079460018|example|1980-12/i);
    });

    it('refuses a phone or an e-mail of another customer, however it is written', async () => {
      await enrolled({ phone, email });
      const samePhone = enrolled({ phone: '020 7946 0018', country: 'GB' });
      expect(await failure(samePhone)).to.include({ code: 'contact-taken' });
      expect(await failure(enrolled({ email: 'ANN@example.COM' }))).to.deep.include({
        code: 'contact-taken',
        details: { kind: 'email' },
      });
    });

    it('does not block the phone of a customer whose e-mail was refused', async () => {
      await enrolled({ email });
      expect(await failure(enrolled({ phone, email }))).to.include({ code: 'contact-taken' });
      expect(await enrolled({ phone })).to.have.lengthOf(25);
    });

    it('lets one of many have a phone', async () => {
      const all = await Promise.allSettled(
        Array.from({ length: 10 }, () => enrol({ phone }, house.context())),
      );
      expect(all.filter(({ status }) => status === 'fulfilled')).to.have.lengthOf(1);
      expect(house.types().filter((type) => type === 'CustomerEnrolled')).to.have.lengthOf(1);
    });

    it('enrols with a card in one append', async () => {
      const userId = await enrolled({ cardNumber: one });
      const facts = house.log.facts.filter(({ stream }) => stream.endsWith(userId));
      expect(facts.map(({ type }) => type)).to.deep.equal(['CustomerEnrolled', 'CardIssued']);
      expect(await failure(enrolled({ cardNumber: one }))).to.include({ code: 'card-taken' });
    });

    it('needs the merchant that is named', async () => {
      const refused = await failure(enrolled({ merchantId: 5 as MerchantId }));
      expect(refused).to.include({ code: 'merchant-not-found' });
    });

    it('names what is wrong with an input', async () => {
      const input = { birthDate: 'yesterday', nick: 'x' };
      expect(await failure(enrolled(input as object)))
        .to.have.property('faults')
        .with.lengthOf(2);
    });
  });

  describe('cards', () => {
    it('are given out with a number of their own', async () => {
      const userId = await enrolled();
      const context = house.context();
      const { answer } = await house.handler.handle(issueCard, { userId }, context);
      expect(answer.cardNumber).to.match(/^22\d{17}$/);
      const digits = answer.cardNumber;
      expect(checkDigit(digits.slice(0, -1))).to.equal(Number(digits.at(-1)));
      const again = await house.handler.handle(issueCard, { userId }, context);
      expect(again.answer).to.deep.equal(answer);
    });

    it('belong to one customer', async () => {
      const [ann, bob] = [await enrolled({ cardNumber: one }), await enrolled()];
      const taking = { userId: bob, cardNumber: one };
      const refused = await failure(house.handler.handle(issueCard, taking, house.context()));
      expect(refused).to.include({ code: 'card-taken' });
      await house.handler.handle(issueCard, { userId: ann, cardNumber: one }, house.context());
    });

    it('stay taken when they are blocked or replaced', async () => {
      const [ann, bob] = [await enrolled({ cardNumber: one }), await enrolled()];
      const { handler } = house;
      await handler.handle(blockCard, { userId: ann, cardNumber: one, reason }, house.context());
      const replacing = { userId: ann, cardNumber: one, replacement: two, reason };
      const { answer } = await handler.handle(replaceCard, replacing, house.context());
      expect(answer.replacement).to.equal(two);
      for (const cardNumber of [one, two]) {
        // Within the reservation: the worker that claims them does not run here.
        const taking = handler.handle(issueCard, { userId: bob, cardNumber }, house.context());
        expect(await failure(taking)).to.include({ code: 'card-taken' });
      }
    });

    it('that were reserved for a command that failed are not reserved for ever', async () => {
      const bob = await enrolled();
      const nobody = gsrn('99', 12n);
      const taking = { userId: nobody, cardNumber: one };
      const refused = await failure(house.handler.handle(issueCard, taking, house.context()));
      expect(refused).to.include({ code: 'account-not-found' });
      now += reservationMs;
      await house.handler.handle(issueCard, { userId: bob, cardNumber: one }, house.context());
    });
  });

  describe('leaving', () => {
    it('closes the account and frees the contacts, not the cards', async () => {
      const userId = await enrolled({ phone, cardNumber: one });
      const close = createCloseAccount(house.handler);
      const { answer } = await close({ userId, reason }, house.context());
      expect(answer).to.deep.equal({ userId, forfeited: 0 });
      expect(await enrolled({ phone })).not.to.equal(userId);
      expect(await failure(enrolled({ cardNumber: one }))).to.include({ code: 'card-taken' });
    });

    it('erases the person: the data cannot be read, contacts and cards are free', async () => {
      const userId = await enrolled({ name: 'Ann', phone, email, cardNumber: one });
      const erase = createErasePerson(house.handler, personalData);
      await erase({ userId, reason }, house.context());
      expect(await personalData.open(demo, userId, dataOf(userId).person)).to.equal(null);
      expect(house.types()).to.include.members(['AccountClosed', 'PersonErased']);
      expect(await enrolled({ phone, email, cardNumber: one })).not.to.equal(userId);
    });

    it('is finished by a repeat where it broke off', async () => {
      const userId = await enrolled({ name: 'Ann', phone });
      const broken = { ...personalData, destroy: () => Promise.reject(new Error('lost')) };
      const context = house.context();
      await failure(createErasePerson(house.handler, broken)({ userId, reason }, context));
      expect(await personalData.open(demo, userId, dataOf(userId).person)).not.to.equal(null);
      await createErasePerson(house.handler, personalData)({ userId, reason }, context);
      expect(await personalData.open(demo, userId, dataOf(userId).person)).to.equal(null);
    });

    it('needs somebody who is there', async () => {
      const userId = gsrn('99', 12n);
      const erase = createErasePerson(house.handler, personalData);
      const refused = await failure(erase({ userId, reason }, house.context()));
      expect(refused).to.include({ code: 'account-not-found' });
    });
  });
});
