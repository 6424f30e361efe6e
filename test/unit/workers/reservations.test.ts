import { expect } from 'chai';
import { createCloseAccount } from '../../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../commands/customer/erasePerson.js';
import { issueCard } from '../../../commands/customer/issueCard.js';
import { replaceCard } from '../../../commands/customer/replaceCard.js';
import { LogUnavailable } from '../../../commands/log.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { card, cardStream } from '../../../domain/card/card.js';
import { contact, contactStream } from '../../../domain/contact/contact.js';
import type { Fact, Position } from '../../../domain/fact.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { CardNumber, UserId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import type { Feed } from '../../../projections/feed.js';
import { confirmedWithinMs, createReservationsWorker } from '../../../workers/reservations.js';
import { failure } from '../commands/failure.js';
import { demo, type House, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from './eventually.js';

const tenant = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
const phone = '+442079460018';
const one = '1111' as CardNumber;
const two = '2222' as CardNumber;
const reason = 'asked for';

describe('settling reservations', () => {
  let now: number;
  let house: House;
  let kept: Position | null;
  let failures: unknown[];
  let conflicts: unknown[];
  let personalData: ReturnType<typeof createPersonalData>;
  let enrol: ReturnType<typeof createEnrolCustomer>;
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    now = startOfTime;
    kept = null;
    failures = [];
    conflicts = [];
    stops = [];
    house = openHouse(() => now);
    personalData = createPersonalData(createMemoryPersonalKeys());
    enrol = createEnrolCustomer(house.handler, personalData);
    await house.handler.handle(registerTenant, tenant, house.context());
  });
  afterEach(async () => {
    for (const stop of stops) await stop();
    await house.close();
  });

  const worker = (handler = house.handler, feed: Feed = house.log) =>
    createReservationsWorker({
      feed,
      handler,
      log: house.log,
      personalData,
      checkpoints: {
        load: async () => kept,
        save: async (_name, position) => void (kept = position),
      },
      now: () => now,
      onFailed: (error) => failures.push(error),
      onConflict: (_fact, rejection) => conflicts.push(rejection),
    });
  const start = (handler = house.handler, feed: Feed = house.log) => {
    const closing = new AbortController();
    const started = worker(handler, feed);
    const running = started.run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return { ...started, signal: closing.signal, stop };
  };
  const cardState = (number: CardNumber) => house.handler.state(cardStream(demo, number), card);
  const phoneState = async () => {
    const hash = await personalData.hash(demo, 'phone', phone);
    return house.handler.state(contactStream(demo, 'phone', hash), contact);
  };
  const enrolled = async (input: Parameters<typeof enrol>[0]) =>
    (await enrol(input, house.context())).answer.userId;
  const become = (status: string, number = one) =>
    eventually(async () => expect((await cardState(number)).status).to.equal(status));

  it('claims what the account has recorded', async () => {
    const { open } = start();
    const userId = await enrolled({ phone, cardNumber: one });
    await become('claimed');
    await house.handler.handle(
      replaceCard,
      { userId, cardNumber: one, replacement: two, reason },
      house.context(),
    );
    await become('claimed', two);
    expect(await phoneState()).to.deep.equal({ status: 'claimed', userId });
    expect(open()).to.equal(0);
  });

  it('frees what came to nothing, and only after its time', async () => {
    const nobody = gsrn('99', 12n);
    const taking = { userId: nobody, cardNumber: one };
    const { sweep, signal, open } = start();
    await reserveInVain(taking);
    await eventually(() => expect(open()).to.equal(1));
    now += confirmedWithinMs - 1;
    await sweep(signal);
    expect((await cardState(one)).status).to.equal('reserved');
    now += 1;
    await sweep(signal);
    expect((await cardState(one)).status).to.equal('free');
    expect(open()).to.equal(0);
  });

  /** As a command that lost its append after it had won its card. */
  const reserveInVain = async (input: { userId: UserId; cardNumber: CardNumber }) => {
    const { log } = house;
    await log.append(cardStream(demo, input.cardNumber), 'noStream', [
      {
        id: `in vain ${input.cardNumber}`,
        type: 'CardReserved',
        data: { ...input, until: now + 86_400_000 },
        metadata: log.facts[0]?.metadata as never,
      },
    ]);
  };

  it('claims instead of freeing where the account has it after all', async () => {
    const userId = await enrolled({ cardNumber: one });
    const reserved = house.log.facts.find(({ type }) => type === 'CardReserved') as Fact;
    const { sweep, signal, open } = start(house.handler, only(reserved));
    await eventually(() => expect(open()).to.equal(1));
    now += confirmedWithinMs;
    await sweep(signal);
    expect(await cardState(one)).to.deep.equal({ status: 'claimed', userId });
  });

  /** A feed that lost the rest: only the account's own history tells. */
  const only = (fact: Fact): Feed => ({
    ...house.log,
    async *subscribe() {
      yield { kind: 'fact', fact };
    },
  });

  it('releases contacts of a closed account and everything of an erased one', async () => {
    const ann = await enrolled({ phone, cardNumber: one });
    const bob = await enrolled({ name: 'Bob', email: 'bob@example.com', cardNumber: two });
    const lost = { ...personalData, destroy: () => Promise.reject(new Error('lost')) };
    await createCloseAccount(house.handler)({ userId: ann, reason }, house.context());
    const erase = createErasePerson(house.handler, lost);
    await failure(erase({ userId: bob, reason }, house.context()));
    start();
    await become('claimed');
    await become('free', two);
    await eventually(async () => expect((await phoneState()).status).to.equal('free'));
    const sealed = house.log.facts.find(({ stream }) => stream.endsWith(bob))?.data as {
      person: string;
    };
    expect(await personalData.open(demo, bob, sealed.person)).to.equal(null);
    expect(conflicts).to.deep.equal([]);
  });

  it('repeats nothing when it begins again from the beginning', async () => {
    await enrolled({ phone, cardNumber: one });
    const first = start();
    await become('claimed');
    await first.stop();
    const before = house.types();
    kept = null;
    const second = start();
    await eventually(() => expect(kept).to.equal(BigInt(before.length)));
    await second.stop();
    expect(house.types()).to.deep.equal(before);
  });

  it('finds an open reservation again after a restart, however far it had come', async () => {
    const nobody = gsrn('99', 12n);
    await reserveInVain({ userId: nobody, cardNumber: one });
    const later = await enrolled({ cardNumber: two });
    const first = start();
    await become('claimed', two);
    await first.stop();
    now += confirmedWithinMs;
    const second = start();
    await eventually(() => expect(second.open()).to.equal(1));
    await second.sweep(second.signal);
    expect((await cardState(one)).status).to.equal('free');
    expect(await cardState(two)).to.deep.equal({ status: 'claimed', userId: later });
  });

  it('tries again where the log does not answer', async () => {
    const userId = await enrolled({ cardNumber: one });
    let answers = 0;
    const flaky: typeof house.handler = {
      ...house.handler,
      handle: (command, input, context) => {
        answers += 1;
        if (answers < 3) return Promise.reject(new LogUnavailable('away'));
        return house.handler.handle(command, input, context);
      },
    };
    start(flaky);
    await become('claimed');
    expect(await cardState(one)).to.deep.equal({ status: 'claimed', userId });
    expect(failures).to.have.lengthOf(2);
  });

  it('tells of a card that two accounts have recorded, and goes on', async () => {
    const ann = await enrolled({ cardNumber: one });
    const first = start();
    await become('claimed');
    await first.stop();
    const stray = house.log.facts.at(-1)?.metadata as never;
    const stream = `account-demo.${gsrn('99', 12n)}`;
    const recorded = {
      id: 'stray',
      type: 'CardIssued',
      data: { cardNumber: one },
      metadata: stray,
    };
    await house.log.append(stream, 'noStream', [recorded]);
    await house.handler.handle(issueCard, { userId: ann, cardNumber: two }, house.context());
    start();
    await become('claimed', two);
    expect(conflicts).to.have.lengthOf(1);
    expect(await cardState(one)).to.deep.equal({ status: 'claimed', userId: ann });
  });

  it('stops in the middle of a wait, at once', async () => {
    const away: typeof house.handler = {
      ...house.handler,
      handle: () => Promise.reject(new LogUnavailable('away')),
    };
    await enrolled({ cardNumber: one });
    const { stop } = start(away);
    await eventually(() => expect(failures.length).to.be.above(1));
    const began = performance.now();
    await stop();
    expect(performance.now() - began).to.be.below(2_000);
  });
});
