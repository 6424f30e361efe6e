import { expect } from 'chai';
import { createCloseAccount } from '../../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../commands/customer/erasePerson.js';
import { issueCard } from '../../../commands/customer/issueCard.js';
import { replaceCard } from '../../../commands/customer/replaceCard.js';
import { createHandler } from '../../../commands/handle.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { createEraseMember } from '../../../commands/household/eraseMember.js';
import { createRemoveMember } from '../../../commands/household/removeMember.js';
import { createPersonalData, personSubject } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { contact, contactStream } from '../../../domain/contact/contact.js';
import type { CardNumber, MemberId, UserId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createReservationsWorker } from '../../../workers/reservations.js';
import { failure } from '../commands/failure.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from '../workers/eventually.js';

const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
const [annsPhone, bobsPhone] = ['+442079460018', '+442079460019'];
const [one, two, three] = ['1111', '2222', '3333'] as CardNumber[] as [
  CardNumber,
  CardNumber,
  CardNumber,
];
const [first, second] = [1, 2] as [MemberId, MemberId];
const reason = 'asked for';

describe('households', () => {
  let house: House;
  let personalData: ReturnType<typeof createPersonalData>;
  let ann: UserId;
  const closing: (() => Promise<void>)[] = [];

  beforeEach(async () => {
    house = openHouse(() => startOfTime);
    personalData = createPersonalData(createMemoryPersonalKeys());
    await house.handler.handle(registerTenant, tenant, house.context());
    ann = await enrolled({ name: 'Ann', phone: annsPhone, cardNumber: one });
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
    await house.close();
  });

  const enrol = (input: Parameters<ReturnType<typeof createEnrolCustomer>>[0]) =>
    createEnrolCustomer(house.handler, personalData)(input, house.context());
  const enrolled = async (input: Parameters<typeof enrol>[0]) => (await enrol(input)).answer.userId;
  const add = (
    input: Omit<Parameters<ReturnType<typeof createAddMember>>[0], 'userId'>,
    userId = ann,
    context = house.context(),
  ) => createAddMember(house.handler, personalData)({ userId, ...input }, context);
  const remove = (memberId: MemberId, more: { cardsTo?: MemberId } = {}) =>
    createRemoveMember(house.handler)({ userId: ann, memberId, reason, ...more }, house.context());
  const erase = (memberId: MemberId) =>
    createEraseMember(house.handler, personalData)(
      { userId: ann, memberId, reason },
      house.context(),
    );
  const bob = { name: 'Bob Lee', phone: bobsPhone, birthDate: '1980-12-31', cardNumber: two };
  const sealedOf = (memberId: MemberId): string =>
    (
      house.log.facts.find(
        ({ type, data }) =>
          type === 'MemberAdded' && (data as { memberId: number }).memberId === memberId,
      )?.data as { person: string }
    ).person;
  const openMember = (memberId: MemberId) =>
    personalData.open(demo, personSubject(ann, memberId), sealedOf(memberId));
  const ownerOf = async (phone: string) =>
    house.handler.state(
      contactStream(demo, 'phone', await personalData.hash(demo, 'phone', phone)),
      contact,
    );
  const work = () => {
    const stopping = new AbortController();
    const worker = createReservationsWorker({
      feed: house.log,
      handler: house.handler,
      log: house.log,
      personalData,
      checkpoints: { load: async () => null, save: async () => undefined },
      now: () => startOfTime,
      onFailed: () => undefined,
      // That the contact of who left has gone on by now is no matter.
      onConflict: () => undefined,
    });
    const running = worker.run(stopping.signal);
    closing.push(async () => {
      stopping.abort();
      await running;
    });
  };

  it('take in another person with data under a key of their own', async () => {
    const { answer } = await add(bob);
    expect(answer).to.deep.equal({ userId: ann, memberId: second, cardNumber: two });
    expect(await openMember(second)).to.deep.equal({
      name: 'Bob Lee',
      phone: bobsPhone,
      birthDate: '1980-12-31',
    });
    const misread = personalData.open(demo, ann, sealedOf(second));
    expect(await failure(misread)).to.be.instanceOf(Error);
    const log = house.log.facts.map(({ data, metadata }) => JSON.stringify({ data, metadata }));
    expect(log.join()).not.to.match(/Bob Lee|442079460019|1980-12/);
  });

  it('answer a repeat with the same member, under the same key or another', async () => {
    const context = house.context();
    const { answer, position } = await add(bob, ann, context);
    expect(await add(bob, ann, context)).to.deep.equal({ answer, position, repeated: true });
    expect((await add(bob)).answer).to.deep.equal(answer);
    expect(house.types().filter((type) => type === 'MemberAdded')).to.have.lengthOf(1);
    const more = await add({ ...bob, cardNumber: three });
    expect(more.answer).to.deep.equal({ userId: ann, memberId: second, cardNumber: three });
  });

  it('do not take a contact or a card of another account, nor one from each other', async () => {
    await enrolled({ phone: bobsPhone, cardNumber: two });
    expect(await failure(add({ phone: bobsPhone }))).to.include({ code: 'contact-taken' });
    expect(await failure(add({ cardNumber: two }))).to.include({ code: 'card-taken' });
    expect(await failure(add({ phone: annsPhone, email: 'e@example.com' }))).to.include({
      code: 'contact-taken',
    });
    expect((await add({ email: 'e@example.com' })).answer.memberId).to.equal(second);
  });

  it('let one of two accounts have a phone that both ask for at once', async () => {
    const cat = await enrolled({ name: 'Cat' });
    const { log, directory } = house;
    // Processes that share the log alone.
    const all = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) =>
        createAddMember(createHandler({ log, directory, cacheEntries: 1_000 }), personalData)(
          { userId: i % 2 === 0 ? ann : cat, phone: bobsPhone },
          house.context(),
        ),
      ),
    );
    const won = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value.answer.userId] : []));
    expect(new Set(won)).to.have.lengthOf(1);
    expect(house.types().filter((type) => type === 'MemberAdded')).to.have.lengthOf(1);
    expect(await ownerOf(bobsPhone)).to.include({ userId: won[0], memberId: 2 });
  });

  it('free the contacts of who leaves, and keep their cards', async () => {
    await add(bob);
    await remove(second);
    expect(await ownerOf(bobsPhone)).to.deep.equal({ status: 'free' });
    expect(house.types().slice(-3)).to.deep.equal([
      'CardBlocked',
      'MemberRemoved',
      'ContactReleased',
    ]);
    expect(await failure(enrolled({ cardNumber: two }))).to.include({ code: 'card-taken' });
    expect(await enrolled({ phone: bobsPhone })).not.to.equal(ann);
    expect((await openMember(second))?.name).to.equal('Bob Lee');
  });

  it('never free a contact again that somebody else of the account has won since', async () => {
    await add(bob);
    await remove(second);
    const { answer } = await add({ phone: bobsPhone });
    expect(answer.memberId).to.equal(3);
    work(); // sees the removal after all of it
    await eventually(async () =>
      expect(await ownerOf(bobsPhone)).to.deep.equal({
        status: 'claimed',
        userId: ann,
        memberId: 3,
      }),
    );
  });

  it('go on when one person is erased, whoever it was', async () => {
    await add(bob);
    const { answer } = await erase(first);
    expect(answer.accountErased).to.equal(false);
    const enrolment = house.log.facts.find(({ type }) => type === 'CustomerEnrolled');
    const { person } = enrolment?.data as { person: string };
    expect(await personalData.open(demo, ann, person)).to.equal(null);
    expect((await openMember(second))?.name).to.equal('Bob Lee');
    expect(await ownerOf(annsPhone)).to.deep.equal({ status: 'free' });
    expect(house.types()).to.include('HeadAppointed').and.not.include('AccountClosed');
    await house.handler.handle(issueCard, { userId: ann, cardNumber: three }, house.context());
  });

  it('end with the last person who is erased, and then everybody is', async () => {
    await add(bob);
    await remove(second);
    const { answer } = await erase(first);
    expect(answer.accountErased).to.equal(true);
    expect(await openMember(second)).to.equal(null);
    expect(await enrolled({ phone: annsPhone, cardNumber: two })).not.to.equal(ann);
  });

  it('free everybody’s contacts when the account closes, and every key when it is erased', async () => {
    await add(bob);
    const input = { userId: ann, reason };
    await createCloseAccount(house.handler)(input, house.context());
    for (const phone of [annsPhone, bobsPhone]) {
      expect(await ownerOf(phone)).to.deep.equal({ status: 'free' });
    }
    await createErasePerson(house.handler, personalData)(input, house.context());
    expect(await openMember(second)).to.equal(null);
  });

  it('say whose a card is', async () => {
    const alone = await house.handler.handle(
      issueCard,
      { userId: ann, cardNumber: three },
      house.context(),
    );
    expect(alone.answer).to.deep.equal({ userId: ann, cardNumber: three });
    await add(bob);
    const replacing = { userId: ann, cardNumber: two, replacement: '4444' as CardNumber, reason };
    const { answer } = await house.handler.handle(replaceCard, replacing, house.context());
    expect(answer).to.include({ replacement: '4444', memberId: second });
  });

  it('are finished by the worker where a command broke off', async () => {
    const lost = { ...personalData, destroy: () => Promise.reject(new Error('lost')) };
    await add(bob);
    const input = { userId: ann, memberId: second, reason };
    await failure(createEraseMember(house.handler, lost)(input, house.context()));
    expect((await openMember(second))?.name).to.equal('Bob Lee');
    work();
    await eventually(async () => expect(await openMember(second)).to.equal(null));
    await eventually(async () => expect((await ownerOf(bobsPhone)).status).to.equal('free'));
    await eventually(async () =>
      expect(await ownerOf(annsPhone)).to.deep.equal({ status: 'claimed', userId: ann }),
    );
  });
});
