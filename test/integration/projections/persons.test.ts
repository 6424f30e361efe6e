/** Persons who told something else, in a real PostgreSQL: found by what they told last, and by nothing else; and nothing of who was erased. */
import { expect } from 'chai';
import type pg from 'pg';
import { createChangePerson } from '../../../commands/customer/changePerson.js';
import { chooseLanguage } from '../../../commands/customer/chooseLanguage.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../commands/customer/erasePerson.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import type { UserId } from '../../../domain/ids.js';
import { customers } from '../../../projections/customers/customers.js';
import { findCustomer } from '../../../projections/customers/queries.js';
import { fill } from '../../../projections/fill.js';
import { goLive, openProjection } from '../../../projections/open.js';
import { createPersons } from '../../../platform/postgres/outreachTables.js';
import { verify } from '../../../projections/verify.js';
import { demo, type House, openHouse } from '../../unit/commands/house.js';
import { type Database, type Server, startServer } from './database.js';

describe('persons who told something else', () => {
  const signal = new AbortController().signal;
  let server: Server;
  let database: Database;
  let pool: pg.Pool;
  let house: House;

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    house = openHouse();
  });
  after(async () => {
    await house.close();
    await database.close();
    await server.stop();
  });

  it('are found while the read model is built anew that knows their language', async () => {
    const own = await server.database();
    const old = own.pool();
    try {
      const tables = customers.tables.replace('  language text,\n', '');
      expect(tables).to.not.equal(customers.tables);
      await openProjection(old, { ...customers, version: 2, tables });
      await old.query(`insert into customers_v2.customers (tenant, user_id, status, person, enrolled_at, position)
        values ('demo', 'ann', 'active', 'sealed', now(), 1)`);
      const { accounts } = createPersons(old, house.keys);
      const ann = 'ann' as UserId;
      const known = [...(await accounts(demo, [ann]))];
      expect(known).to.deep.equal([[ann, { person: 'sealed', language: null }]]);
      expect(await findCustomer(old, demo, { userId: ann })).to.include({ language: null });
      const next = await openProjection(old, customers);
      await old.query(`insert into customers_v3.customers (tenant, user_id, status, person, enrolled_at, position, language)
        values ('demo', 'ann', 'active', 'sealed', now(), 1, 'de-AT')`);
      await goLive(old, next);
      expect((await accounts(demo, [ann])).get(ann)?.language).to.equal('de-AT');
    } finally {
      await own.close();
    }
  });

  it('are found by what they told last, however the facts are cut into batches', async () => {
    const { handler, context, log } = house;
    const personalData = createPersonalData(house.keys);
    await handler.handle(
      registerTenant,
      { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000010' },
      context(),
    );
    const enrol = createEnrolCustomer(handler, personalData);
    const change = createChangePerson(handler, personalData);
    const hash = (phone: string) => personalData.hash(demo, 'phone', phone);
    const [one, two, three, four] = ['18', '19', '20', '21'].map((end) => `+4420794600${end}`);
    const { userId } = (await enrol({ phone: one ?? '', name: 'Ann' }, context())).answer;
    await change({ userId, phone: two ?? '', name: 'Ann Smith' }, context());
    const add = createAddMember(handler, personalData);
    const { memberId } = (await add({ userId, phone: three ?? '' }, context())).answer;
    await change({ userId, memberId, phone: four ?? '' }, context());
    await change({ userId, phone: two ?? '', name: 'Ann Smythe' }, context());
    await handler.handle(chooseLanguage, { userId, language: 'DE-at' }, context());
    const { userId: gone } = (await enrol({ language: 'fr' }, context())).answer;
    await createErasePerson(handler, personalData)({ userId: gone, reason: 'asked' }, context());

    const targets = [await openProjection(pool, customers)];
    let n = 0;
    const batchSize = () => 1 + ((n += 1) % 3);
    const until = { position: log.facts.at(-1)?.position ?? 0n };
    await fill({ feed: log, pool, targets, until, batchSize, signal });

    const by = async (phone = '') => findCustomer(pool, demo, { phoneHash: await hash(phone) });
    expect((await by(two))?.userId).to.equal(userId);
    expect(await by(one)).to.equal(null);
    expect((await by(two))?.language).to.equal('de-AT');
    expect(await findCustomer(pool, demo, { userId: gone })).to.include({
      ...{ status: 'erased', person: null, language: null },
    });
    const person = (await by(two))?.person ?? '';
    expect(await personalData.open(demo, userId, person)).to.deep.equal({
      ...{ name: 'Ann Smythe', phone: two },
    });
    const { rows } = await pool.query<{ member_id: number; phone_hash: string }>(
      'select member_id, phone_hash from read.members order by member_id',
    );
    expect(rows).to.deep.equal([
      { member_id: 1, phone_hash: await hash(two ?? '') },
      { member_id: 2, phone_hash: await hash(four ?? '') },
    ]);
    const { differences } = await verify({ feed: log, pool, projection: customers, signal });
    expect(differences).to.deep.equal([]);
  });
});
