import { expect } from 'chai';
import { createChangePerson } from '../../../commands/customer/changePerson.js';
import { createCloseAccount } from '../../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../commands/customer/erasePerson.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { createPersonalData, type PersonalData } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { account, accountStream } from '../../../domain/account/account.js';
import { contact, contactStream } from '../../../domain/contact/contact.js';
import type { Position } from '../../../domain/fact.js';
import type { MemberId, UserId } from '../../../domain/ids.js';
import { Rejected } from '../../../domain/rejected.js';
import { confirmedWithinMs, createReservationsWorker } from '../../../workers/reservations.js';
import { failure } from '../commands/failure.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from './eventually.js';

const first = '+442079460018';
const second = '+442079460020';

describe('a person who tells another contact', () => {
  let now: number;
  let house: House;
  let personalData: PersonalData;
  let kept: Position | null;
  const stops: (() => Promise<void>)[] = [];
  const troubles: unknown[] = [];

  beforeEach(async () => {
    now = startOfTime;
    kept = null;
    house = openHouse(() => now);
    personalData = createPersonalData(house.keys);
    const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await house.handler.handle(registerTenant, tenant, house.context());
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    await house.close();
    expect(troubles).to.deep.equal([]);
  });

  const start = () => {
    const closing = new AbortController();
    const worker = createReservationsWorker({
      ...{ feed: house.log, handler: house.handler, log: house.log, personalData },
      checkpoints: {
        load: async () => kept,
        save: async (_name, position) => void (kept = position),
      },
      now: () => now,
      onFailed: (error) => troubles.push(error),
      onConflict: (_fact, rejection) => troubles.push(rejection),
    });
    const running = worker.run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return { ...worker, stop, signal: closing.signal };
  };
  const enrol = async (phone: string) => {
    const command = createEnrolCustomer(house.handler, personalData);
    return (await command({ phone }, house.context())).answer.userId;
  };
  const change = (userId: UserId, told: object, idempotencyKey?: string) =>
    createChangePerson(house.handler, personalData)(
      { userId, ...told },
      house.context(idempotencyKey === undefined ? {} : { idempotencyKey }),
    );
  const held = async (phone: string) => {
    const hash = await personalData.hash(demo, 'phone', phone);
    return house.handler.state(contactStream(demo, 'phone', hash), contact);
  };
  const become = (phone: string, status: string, of: UserId | null = null) =>
    eventually(async () => {
      const state = await held(phone);
      expect(state.status).to.equal(status);
      if (state.status !== 'free') expect(state.userId).to.equal(of);
    });
  const open = async (sealed: string, userId: UserId) => personalData.open(demo, userId, sealed);

  it('holds the new one and sets the old one free', async () => {
    const ann = await enrol(first);
    start();
    await become(first, 'claimed', ann);
    await change(ann, { name: 'Ann', phone: second, birthDate: '1980-12-31' });
    await become(second, 'claimed', ann);
    await become(first, 'free');
    const { phoneHash, profile } = await house.handler.state(accountStream(demo, ann), account);
    expect(phoneHash).to.equal(await personalData.hash(demo, 'phone', second));
    expect(await open(profile.birthday ?? '', ann)).to.deep.equal({ birthDate: '--12-31' });
    const changed = house.log.facts.find(({ type }) => type === 'PersonChanged')?.data;
    expect(await open((changed as { person: string }).person, ann)).to.deep.equal({
      ...{ name: 'Ann', phone: second, birthDate: '1980-12-31' },
    });
    const bob = await enrol(first);
    await become(first, 'claimed', bob);
  });

  it('is refused one that is another’s, and keeps what was', async () => {
    const ann = await enrol(first);
    const bob = await enrol(second);
    const before = house.log.facts.length;
    const error = await failure(change(ann, { phone: second, email: 'ann@example.com' }));
    expect(error).to.be.instanceOf(Rejected).with.property('code', 'contact-taken');
    expect(house.log.facts.length).to.equal(before); // nothing was reserved either
    start();
    await become(first, 'claimed', ann);
    await become(second, 'claimed', bob);
  });

  it('is recorded once under one key', async () => {
    const ann = await enrol(first);
    await change(ann, { phone: second }, 'change-1');
    expect((await change(ann, { phone: second }, 'change-1')).repeated).to.equal(true);
    const changes = house.log.facts.filter(({ type }) => type === 'PersonChanged');
    expect(changes).to.have.length(1);
  });

  it('may go back, and whoever reads the log again ends at the same', async () => {
    const ann = await enrol(first);
    await change(ann, { phone: second });
    await change(ann, { phone: first });
    const { stop } = start();
    await become(first, 'claimed', ann);
    await become(second, 'free');
    const bob = await enrol(second);
    await become(second, 'claimed', bob);
    await stop();
    kept = null;
    const again = start();
    await eventually(() => expect(again.open()).to.equal(0));
    await become(first, 'claimed', ann);
    await become(second, 'claimed', bob);
  });

  it('gives nothing back that was reserved in vain while another contact is held', async () => {
    const ann = await enrol(first);
    await change(ann, { phone: second });
    const { sweep, signal, open: waiting } = start();
    await become(first, 'free');
    const hash = await personalData.hash(demo, 'phone', first);
    const stream = contactStream(demo, 'phone', hash);
    const data = { kind: 'phone', hash, userId: ann, until: now + 86_400_000 };
    const facts = await house.log.read(stream, 0, 100);
    await house.log.append(stream, facts.length - 1, [
      { id: 'in vain', type: 'ContactReserved', data, metadata: facts[0]?.metadata as never },
    ]);
    await eventually(() => expect(waiting()).to.equal(1));
    now += confirmedWithinMs;
    await sweep(signal);
    await become(first, 'free');
    await become(second, 'claimed', ann);
  });

  it('loses all of them with the account, and may be another member of it', async () => {
    const ann = await enrol(first);
    start();
    const add = createAddMember(house.handler, personalData);
    const { memberId } = (await add({ userId: ann, phone: second }, house.context())).answer;
    await become(second, 'claimed', ann);
    const third = '+442079460021';
    await change(ann, { memberId, phone: third });
    await become(third, 'claimed', ann);
    await become(second, 'free');
    await become(first, 'claimed', ann);
    const { household, phoneHash } = await house.handler.state(accountStream(demo, ann), account);
    expect(phoneHash).to.equal(await personalData.hash(demo, 'phone', first));
    expect(household?.members.get(2 as MemberId)?.phoneHash).to.equal(
      await personalData.hash(demo, 'phone', third),
    );
    const gone = await failure(change(ann, { memberId: 3, phone: second }));
    expect(gone).to.have.property('code', 'member-not-found');
    await createCloseAccount(house.handler)({ userId: ann, reason: 'moved' }, house.context());
    await become(first, 'free');
    await become(third, 'free');
    const closed = await failure(change(ann, { phone: second }));
    expect(closed).to.have.property('code', 'account-closed');
  });

  it('can be forgotten, whatever they told last', async () => {
    const ann = await enrol(first);
    await change(ann, { phone: second, birthDate: '1980-12-31' });
    start();
    await become(second, 'claimed', ann);
    const { profile } = await house.handler.state(accountStream(demo, ann), account);
    const erase = createErasePerson(house.handler, personalData);
    await erase({ userId: ann, reason: 'asked for' }, house.context());
    await become(second, 'free');
    expect(await open(profile.birthday ?? '', ann)).to.equal(null);
  });
});
