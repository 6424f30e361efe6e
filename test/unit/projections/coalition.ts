/**
 * Customers of three merchants: they earn with one and spend with another, give back, and come to owe points. Made of the real
 * deciders and a seed, as simulation.ts makes the log of a single merchant.
 */
import { account, accountStream } from '../../../domain/account/account.js';
import type { Account } from '../../../domain/account/state.js';
import type { Fact } from '../../../domain/fact.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { MerchantId, UserId } from '../../../domain/ids.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { Rejected } from '../../../domain/rejected.js';
import { adjustPoints } from '../../../domain/account/adjust.js';
import { buy, type Decide, giveBack, type History, item } from '../account/spec.js';
import { recorder, rule as plain, start, tenant } from './simulation.js';

export const merchants = [1, 2, 3] as const;

export const coalitionRule: ProgrammeRule = {
  ...plain,
  earn: { points: 100, per: 100 },
  pointValue: 3,
  redeemMaxBasisPoints: 9_000,
  activationDelayDays: 0,
  lifetimeDays: null,
};

interface Person {
  readonly userId: UserId;
  history: History;
  state: Account;
  readonly bought: { readonly id: string; readonly merchantId: number }[];
}

export const coalition = (draw: (below: number) => number, steps: number): readonly Fact[] => {
  const { facts, append } = recorder();
  append(
    'programme-demo.rule',
    [{ type: 'ProgrammeRuleSet', data: { version: 1, rule: coalitionRule } }],
    start,
  );
  for (const merchantId of merchants) {
    const data = { merchantId, name: `m${merchantId}`, timeZone: 'Europe/London' };
    append(`merchant-demo.${merchantId}`, [{ type: 'MerchantRegistered', data }], start);
  }
  let now = start;
  const people = [1n, 2n].map((n): Person => ({
    userId: gsrn('8018000010', n),
    history: [],
    state: account.initial(),
    bought: [],
  }));
  const attempt = (person: Person, decide: Decide): boolean => {
    let events;
    try {
      events = decide(person.state, person.history);
    } catch (error) {
      if (error instanceof Rejected) return false;
      throw error;
    }
    const recorded = events.map((event, index) => ({
      ...event,
      revision: person.history.length + index,
      occurredAt: now,
    }));
    person.history = person.history.concat(recorded);
    person.state = recorded.reduce(account.evolve, person.state);
    append(accountStream(tenant, person.userId), events, now);
    return true;
  };
  for (const person of people) {
    const { userId } = person;
    const data = { userId, person: '', phoneHash: null, emailHash: null, merchantId: null };
    attempt(person, () => [{ type: 'CustomerEnrolled', data }]);
  }
  for (let step = 0; step < steps; step += 1) {
    now += draw(96) * 3_600_000;
    const person = people[draw(people.length)] as Person;
    const merchantId = (1 + draw(merchants.length)) as MerchantId;
    const dice = draw(10);
    if (dice < 6) {
      const id = `p${step}`;
      const held = person.state.points.activeTotal;
      const redeemPoints = dice < 3 ? 0 : draw(held + 1);
      const bought = [item(1 + draw(3_000), 1 + draw(4)), item(draw(500))];
      const versioned = { version: 1, rule: coalitionRule };
      if (attempt(person, buy(id, bought, { rule: versioned, now, merchantId, redeemPoints }))) {
        person.bought.push({ id, merchantId });
      }
    } else if (dice < 9) {
      const of = person.bought[draw(person.bought.length)];
      const what = draw(2) === 0 ? 'all' : [{ position: 1, quantity: 1_000 }];
      if (of) attempt(person, giveBack(of.id, `r${step}`, what, { now, ...of }));
    } else {
      const adjustment = { adjustmentId: `a${step}`, points: draw(400), reason: 'gift', at: now };
      attempt(person, (state) => adjustPoints(adjustment, state, coalitionRule, null));
    }
  }
  return facts;
};
