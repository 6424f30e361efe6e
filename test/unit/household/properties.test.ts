/**
 * Whatever happens to two households that want the same contacts and cards, through the commands and the worker: nothing is two
 * people's, nobody who was erased can be read, and no point moves.
 */
import { expect } from 'chai';
import fc from 'fast-check';
import { adjustPoints } from '../../../commands/account/adjustPoints.js';
import { blockCard } from '../../../commands/customer/blockCard.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { issueCard } from '../../../commands/customer/issueCard.js';
import { replaceCard } from '../../../commands/customer/replaceCard.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { appointHead } from '../../../commands/household/appointHead.js';
import { createEraseMember } from '../../../commands/household/eraseMember.js';
import { handOverCard } from '../../../commands/household/handOverCard.js';
import { createRemoveMember } from '../../../commands/household/removeMember.js';
import { createPersonalData, personSubject } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { setProgrammeRule } from '../../../commands/registry/setProgrammeRule.js';
import { account, accountStream } from '../../../domain/account/account.js';
import { fromSnapshot, toSnapshot } from '../../../domain/account/snapshot.js';
import { card, cardStream } from '../../../domain/card/card.js';
import { contact, contactStream } from '../../../domain/contact/contact.js';
import { householdOf, presentIn } from '../../../domain/household/household.js';
import type { CardNumber, MemberId, UserId } from '../../../domain/ids.js';
import { Rejected } from '../../../domain/rejected.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { createReservationsWorker } from '../../../workers/reservations.js';
import { rule } from '../account/spec.js';
import { demo, openHouse, startOfTime } from '../commands/house.js';
import { eventually } from '../workers/eventually.js';

const phones = ['+442079460011', '+442079460012', '+442079460013', '+442079460014'];
const cards = ['1111', '2222', '3333', '4444', '5555'] as CardNumber[];
const reason = 'asked for';
const given = 500;

const step = fc.record({
  what: fc.constantFrom(
    'add',
    'add',
    'remove',
    'erase',
    'issue',
    'replace',
    'give',
    'head',
    'block',
  ),
  who: fc.nat({ max: 1 }),
  member: fc.integer({ min: 1, max: 4 }),
  other: fc.integer({ min: 1, max: 4 }),
  phone: fc.nat({ max: phones.length - 1 }),
  card: fc.nat({ max: cards.length - 1 }),
  /** The process dies between the event and what follows it. */
  dies: fc.nat({ max: 4 }).map((n) => n === 0),
});
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

const live = async (script: readonly Step[]) => {
  const house = openHouse(() => startOfTime);
  const keys = createMemoryPersonalKeys();
  const personalData = createPersonalData(keys);
  const { handler, context } = house;
  await handler.handle(
    registerTenant,
    { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' },
    context(),
  );
  await handler.handle(setProgrammeRule, { rule }, context());
  const users: UserId[] = [];
  for (const phone of phones.slice(0, 2)) {
    const enrol = createEnrolCustomer(handler, personalData);
    const { userId } = (await enrol({ name: phone, phone }, context())).answer;
    await handler.handle(adjustPoints, { userId, points: given, reason }, context());
    users.push(userId);
  }

  const dying = (dies: boolean) => {
    if (!dies) return { keys: personalData, hands: handler };
    const dead = () => Promise.reject(new Error('died'));
    const hands: typeof handler = {
      ...handler,
      handle: (command, input, at) =>
        command.name.startsWith('Release') ? dead() : handler.handle(command, input, at),
    };
    return { keys: { ...personalData, destroy: dead }, hands };
  };
  const perform = (one: Step): Promise<unknown> => {
    const userId = users[one.who] as UserId;
    const memberId = one.member as MemberId;
    const cardNumber = cards[one.card] as CardNumber;
    const phone = phones[one.phone] as string;
    const { keys: data, hands } = dying(one.dies);
    const cardsTo = one.other === memberId ? {} : { cardsTo: one.other as MemberId };
    switch (one.what) {
      case 'add':
        return createAddMember(hands, data)({ userId, name: phone, phone, cardNumber }, context());
      case 'remove':
        return createRemoveMember(hands)({ userId, memberId, reason, ...cardsTo }, context());
      case 'erase':
        return createEraseMember(hands, data)({ userId, memberId, reason, ...cardsTo }, context());
      case 'issue':
        return handler.handle(issueCard, { userId, cardNumber, memberId }, context());
      case 'replace': {
        const replacement = cards[(one.card + one.other) % cards.length] as CardNumber;
        const input = { userId, cardNumber, replacement, memberId, reason };
        return handler.handle(replaceCard, input, context());
      }
      case 'give':
        return handler.handle(handOverCard, { userId, cardNumber, memberId }, context());
      case 'head':
        return handler.handle(appointHead, { userId, memberId }, context());
      default:
        return handler.handle(blockCard, { userId, cardNumber, reason }, context());
    }
  };
  for (const one of script) {
    await perform(one).catch((error: unknown) => {
      if (!(error instanceof Rejected) && (error as Error).message !== 'died') throw error;
    });
  }

  const failures: unknown[] = [];
  const stopping = new AbortController();
  let kept: bigint | null = null;
  const worker = createReservationsWorker({
    ...{ feed: house.log, handler, log: house.log, personalData, now: () => startOfTime },
    checkpoints: { load: async () => null, save: async (_name, at) => void (kept = at) },
    onFailed: (error) => failures.push(error),
    // That what somebody who left had recorded has gone on by now is no matter.
    onConflict: () => undefined,
  });
  const running = worker.run(stopping.signal);
  await eventually(() => expect(Number(kept)).to.be.at.least(house.log.facts.length));
  stopping.abort();
  await running;
  const accounts = new Map(
    await Promise.all(
      users.map(async (id) => [id, await handler.state(accountStream(demo, id), account)] as const),
    ),
  );
  return { house, keys, personalData, accounts, failures };
};

const check = async ({ house, keys, personalData, accounts }: Awaited<ReturnType<typeof live>>) => {
  for (const phone of phones) {
    const hash = await personalData.hash(demo, 'phone', phone);
    const owners = [...accounts].flatMap(([userId, state]) =>
      state.status === 'open'
        ? presentIn(householdOf(state)).flatMap(([memberId, member]) =>
            member.phoneHash === hash ? [{ userId, memberId }] : [],
          )
        : [],
    );
    const [owner] = owners;
    expect(owners.length, phone).to.be.at.most(1);
    const known = await house.handler.state(contactStream(demo, 'phone', hash), contact);
    if (!owner) expect(known.status, phone).not.to.equal('claimed');
    else {
      const { userId, memberId } = owner;
      const whose = memberId === 1 ? { userId } : { userId, memberId };
      expect(known).to.deep.equal({ status: 'claimed', ...whose });
    }
  }
  for (const number of cards) {
    const owners = [...accounts].filter(
      ([, { status, cards: theirs }]) => status !== 'erased' && theirs.has(number),
    );
    expect(owners.length, number).to.be.at.most(1);
    const [owner] = owners;
    if (!owner) continue;
    const known = await house.handler.state(cardStream(demo, number), card);
    expect(known).to.deep.equal({ status: 'claimed', userId: owner[0] });
  }
  for (const [userId, state] of accounts) {
    const { members, head } = householdOf(state);
    for (const [memberId, { status }] of members) {
      const key = await keys.find(demo, personSubject(userId, memberId));
      if (status === 'erased') expect(key, `${userId} ${memberId}`).to.equal(null);
      else if (state.household) expect(key).to.be.instanceOf(Buffer);
    }
    if (state.status === 'open') {
      expect(state.points.activeTotal).to.equal(given);
      expect(members.get(head)?.status).to.equal('present');
    }
    expect(fromSnapshot(JSON.parse(JSON.stringify(toSnapshot(state))))).to.deep.equal(state);
  }
};

describe('households, whatever happens', function () {
  this.timeout(120_000);
  it('share no contact and no card, keep nobody who was erased, and move no point', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (script) => {
        const lived = await live(script);
        await check(lived);
        expect(lived.failures).to.deep.equal([]);
        await lived.house.close();
      }),
      { numRuns: 30 },
    );
  });
});
