/**
 * A log as shops would write it, made of the real deciders and a seed: a programme with shops and tills, customers who buy, spend,
 * give back, cancel, leave, and anonymous receipts. The same seed gives the same log.
 */
import { account, accountStream } from '../../../domain/account/account.js';
import { adjustPoints } from '../../../domain/account/adjust.js';
import { closeAccount, erasePerson } from '../../../domain/account/close.js';
import type { AccountEvent } from '../../../domain/account/events.js';
import { settlePoints } from '../../../domain/account/settle.js';
import type { Account } from '../../../domain/account/state.js';
import type { DomainEvent } from '../../../domain/event.js';
import type { Fact } from '../../../domain/fact.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { CardNumber, TenantId, UserId } from '../../../domain/ids.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { Rejected } from '../../../domain/rejected.js';
import { buy, cancel, day, type Decide, giveBack, type History, item } from '../account/spec.js';

export const tenant = 'demo' as TenantId;
export const start = Date.UTC(2011, 0, 10, 12);

export const rule: ProgrammeRule = {
  currency: 'GBP',
  earn: { points: 100, per: 100 },
  pointValue: 1,
  redeemMaxBasisPoints: 5_000,
  earnOnRedeemed: false,
  activationDelayDays: 2,
  lifetimeDays: 30,
  clawback: 'allowDeficit',
};

export interface SimulationOptions {
  readonly seed: number;
  readonly customers: number;
  readonly steps: number;
  /** Of a receipt, on average. */
  readonly lines?: number;
  /** Between two steps, ms. */
  readonly pace?: number;
  /** Purchases only: what a busy day looks like. */
  readonly calm?: boolean;
}

export interface Simulation {
  readonly facts: readonly Fact[];
  /** What the domain itself makes of each account. */
  readonly accounts: ReadonlyMap<UserId, Account>;
}

/** mulberry32: small, seeded, good enough for stories. */
const random = (seed: number) => {
  let state = seed >>> 0;
  return (below: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
};

interface Person {
  readonly userId: UserId;
  history: History;
  state: Account;
  readonly bought: string[];
}

export const recorder = () => {
  const facts: Fact[] = [];
  const revisions = new Map<string, number>();
  const append = (stream: string, events: readonly DomainEvent[], at: number, now = at): Fact[] =>
    events.map((event) => {
      const revision = revisions.get(stream) ?? 0;
      revisions.set(stream, revision + 1);
      const n = facts.length + 1;
      const fact: Fact = {
        id: `00000000-0000-5000-8000-${String(n).padStart(12, '0')}`,
        type: event.type,
        data: event.data,
        stream,
        revision,
        position: BigInt(n),
        recordedAt: now,
        metadata: {
          tenant,
          actor: { kind: 'till', id: 'till1' },
          correlationId: `c${n}`,
          causationId: `c${n}`,
          commandId: `c${n}`,
          occurredAt: new Date(at).toISOString(),
          schemaVersion: 1,
          fingerprint: '',
        },
      };
      facts.push(fact);
      return fact;
    });
  return { facts, append };
};

export const register = (append: ReturnType<typeof recorder>['append']): void => {
  const one = (stream: string, type: string, data: object) =>
    append(stream, [{ type, data }], start);
  const hash = '0'.repeat(64);
  one('tenant-demo.demo', 'TenantRegistered', {
    tenantId: tenant,
    name: 'Demo',
    currency: 'GBP',
    gsrnPrefix: '8018000010',
  });
  one('programme-demo.rule', 'ProgrammeRuleSet', { version: 1, rule });
  one('merchant-demo.1', 'MerchantRegistered', {
    merchantId: 1,
    name: 'Corner "shop"',
    timeZone: 'Asia/Tokyo',
  });
  one('pointofsale-demo.10', 'PointOfSaleRegistered', {
    pointOfSaleId: 10,
    merchantId: 1,
    name: 'High\\Street',
  });
  one('till-demo.till1', 'TillRegistered', {
    tillId: 'till1',
    merchantId: 1,
    pointOfSaleId: 10,
    name: 'Till, 1 {left}',
    secretHash: hash,
  });
  one('app-demo.app1', 'AppRegistered', { appId: 'app1', name: 'App', secretHash: hash });
  one('operator-demo.owner', 'OperatorRegistered', {
    operatorId: 'owner',
    name: 'Olga',
    passwordHash: 'scrypt$',
    roles: ['owner', 'analyst'],
    merchantId: null,
  });
  one('product-demo.SKU', 'ProductListed', {
    productId: 'SKU',
    name: 'NULL',
    merchantId: null,
    category: null,
    price: 199,
  });
};

export const simulate = (options: SimulationOptions): Simulation => {
  const { seed, customers, steps, lines = 2, pace = 3_600_000, calm = false } = options;
  const draw = random(seed);
  const { facts, append } = recorder();
  register(append);
  const people = Array.from({ length: customers }, (_, n): Person => {
    const userId = gsrn('8018000010', BigInt(n + 1));
    return { userId, history: [], state: account.initial(), bought: [] };
  });
  let now = start;
  let anonymous = 0;

  const record = (person: Person, events: readonly AccountEvent[], at: number): void => {
    const recorded = events.map((event, index) => ({
      ...event,
      revision: person.history.length + index,
      occurredAt: at,
    }));
    person.history = person.history.concat(recorded);
    person.state = recorded.reduce(account.evolve, person.state);
    append(accountStream(tenant, person.userId), events, at, now);
  };
  const attempt = (person: Person, decide: Decide, at = now): boolean => {
    try {
      record(person, decide(person.state, person.history), at);
      return true;
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      return false;
    }
  };
  const basket = () =>
    Array.from({ length: 1 + draw(2 * lines - 1) }, () => item(draw(3_000), 1 + draw(3)));
  const shop = (person: Person, spend: number, late: number): void => {
    const id = `p${person.bought.length + 1}-${person.userId.slice(-4)}`;
    const time = late === 0 ? {} : { offline: true, occurredAt: now - late };
    const bought = basket();
    const order = (redeemPoints: number) =>
      buy(id, bought, { rule: { version: 1, rule }, now, redeemPoints, ...time });
    if (attempt(person, order(spend), now - late) || attempt(person, order(0), now - late)) {
      person.bought.push(id);
    }
  };

  people.forEach((person, n) => {
    const { userId } = person;
    const data = { userId, person: `p${n}`, phoneHash: `f${n}`, emailHash: null, merchantId: null };
    record(person, [{ type: 'CustomerEnrolled', data }], now);
    const cardNumber = `22${userId.slice(-8)}` as CardNumber;
    record(person, [{ type: 'CardIssued', data: { cardNumber } }], now);
  });

  const bought = (person: Person): string => person.bought[draw(person.bought.length)] ?? 'none';
  for (let step = 0; step < steps; step += 1) {
    now += draw(2 * pace);
    const person = people[draw(people.length)] as Person;
    const dice = calm ? draw(68) : draw(100);
    if (dice < 55) shop(person, 0, 0);
    else if (dice < 65) shop(person, 10 * draw(300), 0);
    else if (dice < 68) shop(person, 0, draw(10) * day);
    else if (dice < 78) {
      const part = [{ position: 1, quantity: 500 }];
      const what = draw(3) === 0 ? 'all' : part;
      attempt(person, giveBack(bought(person), `r${step}`, what, { now }));
    } else if (dice < 81) attempt(person, cancel(bought(person), { now }));
    else if (dice < 84) {
      const points = draw(2_000) - 700;
      attempt(person, (state) =>
        adjustPoints(
          { adjustmentId: `a${step}`, points, reason: 'said "sorry"', at: now },
          state,
          rule,
          null,
        ),
      );
    } else if (dice < 91) attempt(person, (state) => settlePoints({ asOf: now }, state));
    else if (dice < 98) {
      anonymous += 1;
      append('sales-demo.till1', anonymousSale(anonymous, draw), now);
    } else if (dice < 99)
      attempt(person, (state) => closeAccount({ reason: 'left', at: now }, state));
    else if (draw(2) === 0)
      attempt(person, (state) => erasePerson({ reason: 'asked', at: now }, state));
    else if (draw(2) === 0) {
      const cardNumber = `22${person.userId.slice(-8)}` as CardNumber;
      record(person, [{ type: 'CardBlocked', data: { cardNumber, reason: 'lost' } }], now);
    }
  }
  return { facts, accounts: new Map(people.map(({ userId, state }) => [userId, state])) };
};

const anonymousSale = (n: number, draw: (below: number) => number): DomainEvent[] => {
  const where = { merchantId: 1, pointOfSaleId: 10, tillId: 'till1' };
  const price = 100 + draw(900);
  const line = {
    position: 1,
    productId: 'SKU',
    quantity: 2_000,
    price,
    amount: 2 * price,
    paidByPoints: 0,
    pointsRedeemed: 0,
    pointsEarned: 0,
  };
  const purchaseId = `x${n}`;
  const sale = {
    purchaseId,
    ...where,
    currency: 'GBP',
    lines: [line],
    total: 2 * price,
    offline: false,
  };
  const events: DomainEvent[] = [{ type: 'AnonymousPurchaseConfirmed', data: sale }];
  const given = { position: 1, productId: 'SKU', quantity: 1_000, amount: price };
  if (draw(4) === 0) {
    const data = {
      purchaseId,
      returnId: `xr${n}`,
      ...where,
      lines: [given],
      amount: price,
      complete: false,
    };
    events.push({ type: 'AnonymousPurchaseReturned', data });
  }
  if (draw(6) === 0) {
    const amount = events.length === 2 ? price : 2 * price;
    events.push({
      type: 'AnonymousPurchaseCancelled',
      data: { purchaseId, ...where, reason: 'mistake', amount },
    });
  }
  return events;
};
