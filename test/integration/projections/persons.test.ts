/** Persons who told something else, in a real PostgreSQL: found by what they told last, and by nothing else. */
import { expect } from 'chai';
import type pg from 'pg';
import { createChangePerson } from '../../../commands/customer/changePerson.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { customers } from '../../../projections/customers/customers.js';
import { findCustomer } from '../../../projections/customers/queries.js';
import { fill } from '../../../projections/fill.js';
import { openProjection } from '../../../projections/open.js';
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

    const targets = [await openProjection(pool, customers)];
    let n = 0;
    const batchSize = () => 1 + ((n += 1) % 3);
    const until = { position: log.facts.at(-1)?.position ?? 0n };
    await fill({ feed: log, pool, targets, until, batchSize, signal });

    const by = async (phone = '') => findCustomer(pool, demo, { phoneHash: await hash(phone) });
    expect((await by(two))?.userId).to.equal(userId);
    expect(await by(one)).to.equal(null);
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
