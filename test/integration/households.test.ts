/** Households in a real PostgreSQL: what the read model makes of random histories, and the guide, request by request. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type pg from 'pg';
import request from 'supertest';
import { createReadModels } from '../../api/pos/readModels.js';
import { posRoutes } from '../../api/pos/routes.js';
import { createCloseAccount } from '../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../commands/customer/erasePerson.js';
import { createAddMember } from '../../commands/household/addMember.js';
import { createEraseMember } from '../../commands/household/eraseMember.js';
import { createRemoveMember } from '../../commands/household/removeMember.js';
import { createPersonalData } from '../../commands/personalData.js';
import { registerMerchant } from '../../commands/registry/registerMerchant.js';
import { registerOperator } from '../../commands/registry/registerOperator.js';
import { registerPointOfSale } from '../../commands/registry/registerPointOfSale.js';
import { registerTenant } from '../../commands/registry/registerTenant.js';
import { registerTill } from '../../commands/registry/registerTill.js';
import { setProgrammeRule } from '../../commands/registry/setProgrammeRule.js';
import { assertValid } from '../../commands/validation.js';
import { account, accountStream } from '../../domain/account/account.js';
import { closeAccount, erasePerson } from '../../domain/account/close.js';
import { blockCard, issueCard, replaceCard } from '../../domain/account/customer.js';
import type { AccountEvent } from '../../domain/account/events.js';
import {
  addMember,
  appointHead,
  eraseMember,
  handOverCard,
  nameRedeemers,
  removeMember,
} from '../../domain/account/members.js';
import type { Account } from '../../domain/account/state.js';
import { gsrn } from '../../domain/gsrn.js';
import { householdOf, nextMemberId, presentIn } from '../../domain/household/household.js';
import type {
  CardNumber,
  MemberId,
  MerchantId,
  OperatorId,
  PointOfSaleId,
  TillId,
  UserId,
} from '../../domain/ids.js';
import { eventDefinitions } from '../../domain/registry.js';
import { Rejected } from '../../domain/rejected.js';
import { createMemoryPersonalKeys } from '../../platform/memory/personalKeys.js';
import { packageRoot } from '../../platform/packageRoot.js';
import { customers } from '../../projections/customers/customers.js';
import {
  cardsOf,
  findCustomer,
  householdOf as householdIn,
} from '../../projections/customers/queries.js';
import { fill } from '../../projections/fill.js';
import { openProjection } from '../../projections/open.js';
import { purchases } from '../../projections/purchases/purchases.js';
import { verify } from '../../projections/verify.js';
import { rule } from '../unit/account/spec.js';
import { operatorToken, testApi } from '../unit/api/testApi.js';
import { demo, openHouse } from '../unit/commands/house.js';
import { createMemoryFeed } from '../unit/projections/memoryFeed.js';
import { recorder, start } from '../unit/projections/simulation.js';
import { type Database, type Server, startServer } from './projections/database.js';

const seeded = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
};

/** What the real deciders make of many random wishes. */
const tell = () => {
  const draw = seeded(9);
  const { facts, append } = recorder();
  const accounts = new Map<UserId, Account>();
  let contacts = 0;
  let cards = 0;
  const record = (userId: UserId, events: readonly AccountEvent[]): void => {
    for (const fact of append(accountStream(demo, userId), events, start + facts.length)) {
      const event = { ...fact, occurredAt: start } as never;
      accounts.set(userId, account.evolve(accounts.get(userId) as Account, event));
    }
  };
  for (let n = 0; n < 12; n += 1) {
    const userId = gsrn('8018000010', BigInt(n + 1));
    accounts.set(userId, account.initial());
    const data = { userId, person: 'x', phoneHash: `f${n}`, emailHash: null, merchantId: null };
    record(userId, [{ type: 'CustomerEnrolled', data }]);
  }
  const wishOf = (state: Account): AccountEvent[] => {
    const reason = 'so';
    const memberId = (1 + draw(4)) as MemberId;
    const known = [...state.cards.keys()];
    const cardNumber = known[draw(known.length || 1)] ?? ('none' as CardNumber);
    const fresh = () => `C${(cards += 1)}` as CardNumber;
    const dice = draw(100);
    const cardsGoTo = draw(2) === 0 ? 'nobody' : ((1 + draw(4)) as MemberId);
    if (dice < 30) {
      const phoneHash = `m${(contacts += 1)}`;
      const next = nextMemberId(householdOf(state));
      const told = { person: 'y', phoneHash, emailHash: null, merchantId: null };
      return addMember({ memberId: next, ...told, cardNumber: draw(2) ? fresh() : null }, state);
    }
    if (dice < 42) return issueCard({ cardNumber: fresh(), memberId }, state);
    if (dice < 50) return replaceCard({ cardNumber, replacement: fresh(), reason }, state);
    if (dice < 58) return handOverCard({ cardNumber, memberId }, state);
    if (dice < 64) return blockCard({ cardNumber, reason }, state);
    if (dice < 72) return appointHead({ memberId }, state);
    if (dice < 80) return nameRedeemers({ redeemers: draw(3) ? [memberId] : null }, state);
    if (dice < 89) return removeMember({ memberId, reason, cardsGoTo }, state);
    if (dice < 97) return eraseMember({ memberId, reason, cardsGoTo, at: start }, state);
    if (dice < 99) return closeAccount({ reason, at: start }, state);
    return erasePerson({ reason, at: start }, state);
  };
  const users = [...accounts.keys()];
  for (let step = 0; step < 600; step += 1) {
    const userId = users[draw(users.length)] as UserId;
    try {
      record(userId, wishOf(accounts.get(userId) as Account));
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
    }
  }
  return { facts, accounts };
};

describe('households in the read model', function () {
  this.timeout(120_000);
  const signal = new AbortController().signal;
  let server: Server;
  let database: Database;
  let pool: pg.Pool;

  beforeEach(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
  });
  afterEach(async () => {
    await database.close();
    await server.stop();
  });

  it('are what the account knows of them, and just what a replay makes of the log', async () => {
    const { facts, accounts } = tell();
    const feed = createMemoryFeed(facts);
    const targets = [await openProjection(pool, customers)];
    let n = 0;
    const batchSize = () => 1 + ((n += 7) % 40);
    const until = { position: facts.at(-1)?.position ?? 0n };
    await fill({ feed, pool, targets, until, batchSize, signal });
    for (const [userId, state] of accounts) {
      const found = await householdIn(pool, demo, userId);
      const { household } = state;
      if (household === null) {
        expect(found, userId).to.equal(null);
        continue;
      }
      expect(found).to.deep.include({ head: household.head, redeemers: household.redeemers });
      const members = found?.members.map(({ memberId, status, phoneHash }) => ({
        ...{ memberId, status, phoneHash },
      }));
      const known = [...household.members].map(([memberId, { status, phoneHash }]) => ({
        ...{ memberId, status, phoneHash },
      }));
      expect(members, userId).to.deep.equal(known);
      const erased = found?.members.filter(({ status }) => status === 'erased') ?? [];
      for (const { person } of erased) expect(person).to.equal(null);
      for (const card of await cardsOf(pool, demo, userId)) {
        const owner = household.cards.get(card.cardNumber as CardNumber) ?? 1;
        expect(card.memberId ?? 1, card.cardNumber).to.equal(owner);
      }
      for (const [, { phoneHash }] of presentIn(household)) {
        const by = phoneHash && (await findCustomer(pool, demo, { phoneHash }));
        if (by) expect(by.userId).to.equal(userId);
      }
    }
    const { differences, rows } = await verify({ feed, pool, projection: customers, signal });
    expect(differences).to.deep.equal([]);
    expect(Math.min(...Object.values(rows))).to.be.greaterThan(5);
  });

  const steps =
    /<!-- now (?<now>\S+) -->|```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

  it('answer every request of the guide as it says', async () => {
    let now = 0;
    const house = openHouse(() => now);
    const { handler, directory, context } = house;
    const named = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, named, context());
    await handler.handle(setProgrammeRule, { rule }, context());
    const merchantId = 1 as MerchantId;
    const pointOfSaleId = 10 as PointOfSaleId;
    const shop = { merchantId, name: 'M', timeZone: 'UTC' };
    await handler.handle(registerMerchant, shop, context());
    await handler.handle(registerPointOfSale, { merchantId, pointOfSaleId, name: 'S' }, context());
    const till = { tillId: 'till1' as TillId, merchantId, pointOfSaleId, name: 'T' };
    const { token } = (await handler.handle(registerTill, till, context())).answer;
    const owner = { operatorId: 'owner' as OperatorId, name: 'O', password: 'a long enough one' };
    await handler.handle(registerOperator, { ...owner, roles: ['owner'] }, context());
    const personalData = createPersonalData(createMemoryPersonalKeys());
    const targets = [await openProjection(pool, customers), await openProjection(pool, purchases)];
    const routes = posRoutes({
      handler,
      personalData,
      enrolCustomer: createEnrolCustomer(handler, personalData),
      closeAccount: createCloseAccount(handler),
      erasePerson: createErasePerson(handler, personalData),
      addMember: createAddMember(handler, personalData),
      removeMember: createRemoveMember(handler),
      eraseMember: createEraseMember(handler, personalData),
      queries: createReadModels({ pool, waiting: { waitFor: async () => undefined } }),
      operatorTokens: { issue: () => ({ token: '', expiresAt: 0 }) },
    });
    const { app, close } = testApi(routes, { directory, now: () => now });
    const guide = readFileSync(join(packageRoot, 'docs/guides/households.md'), 'utf8');
    let sent = 0;
    for (const { groups = {} } of guide.matchAll(steps)) {
      if (groups['now']) {
        now = Date.parse(groups['now']);
        continue;
      }
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const head = house.log.facts.at(-1)?.position ?? 0n;
      const feed = createMemoryFeed(house.log.facts);
      await fill({ feed, pool, targets, until: { position: head }, signal });
      const bearer = method === 'DELETE' ? operatorToken(demo, 'owner', now + 60_000) : token;
      const call = request(app)
        [method.toLowerCase() as 'get' | 'post' | 'put' | 'delete'](path)
        .set('authorization', `Bearer ${bearer}`)
        .set('idempotency-key', `guide-${sent}`);
      const reply = await (body.trim() ? call.send(JSON.parse(body) as object) : call);
      expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
      expect(reply.body, `${method} ${path}`).to.containSubset(JSON.parse(answer));
      sent += 1;
    }
    expect(sent).to.equal(14);
    const spend = {
      purchaseId: 'R-2',
      redeemPoints: 100,
      lines: [{ productId: 'A', quantity: 1, price: 500 }],
    };
    const refused = await request(app)
      .post('/pos/v1/users/8018000010000000000000013/purchases/')
      .set('authorization', `Bearer ${token}`)
      .send(spend);
    expect([refused.status, refused.body.code]).to.deep.equal([409, 'not-a-redeemer']);
    for (const { type, data } of house.log.facts) {
      assertValid(eventDefinitions.get(type)?.schema as never, data);
    }
    close();
    await house.close();
  });
});
