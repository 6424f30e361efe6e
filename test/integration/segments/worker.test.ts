/** Refreshes over a real PostgreSQL and the log in memory, and the API that asks for them. */
import { expect } from 'chai';
import type { Express } from 'express';
import type pg from 'pg';
import request from 'supertest';
import { createSegmentRefreshes } from '../../../api/admin/segmentRefreshes.js';
import { definitionExamples, previewExamples } from '../../../api/admin/segmentExamples.js';
import { segmentRoutes } from '../../../api/admin/segments.js';
import { createCloseAccount } from '../../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { adjustPoints } from '../../../commands/account/adjustPoints.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { setProgrammeRule } from '../../../commands/registry/setProgrammeRule.js';
import { defineSegment } from '../../../commands/segment/defineSegment.js';
import { redefineSegment } from '../../../commands/segment/redefineSegment.js';
import { gsrn } from '../../../domain/gsrn.js';
import type { OperatorId, UserId } from '../../../domain/ids.js';
import type { Role } from '../../../domain/operator/operator.js';
import { Rejected } from '../../../domain/rejected.js';
import type { SegmentDefinition, SegmentId } from '../../../domain/segment/definition.js';
import { openSegments } from '../../../platform/compose/segments.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { allProjections } from '../../../projections/all.js';
import { fill, headOf } from '../../../projections/fill.js';
import { openProjection, type Opened } from '../../../projections/open.js';
import { segments } from '../../../projections/segments/segments.js';
import { verify } from '../../../projections/verify.js';
import { createWaiting, type Waiting } from '../../../projections/waiting.js';
import { rule } from '../../unit/account/spec.js';
import { operatorToken, testApi } from '../../unit/api/testApi.js';
import { demo, type House, openHouse } from '../../unit/commands/house.js';
import { type Database, eventually, type Server, startServer } from '../projections/database.js';

const needed = ['balances', 'purchases', 'tills', 'tiers', 'segments'];
const start = Date.UTC(2026, 2, 1, 12);
const count = 30;
const user = (n: number): UserId => gsrn('8018000010', BigInt(n + 1));
const withPoints = (min: number): SegmentDefinition => ({
  kind: 'dynamic',
  when: { kind: 'points', min },
});

describe('the refresh of segments', function () {
  this.timeout(120_000);
  let server: Server;
  let database: Database;
  let pool: pg.Pool;
  let waiting: Waiting;
  let house: House;
  let targets: Opened[];
  let now = start;
  let app: Express;
  let close: () => void;
  const failures: unknown[] = [];
  const going = new AbortController().signal;

  const catchUp = async (): Promise<void> => {
    const until = { position: await headOf(house.log) };
    await fill({ feed: house.log, pool, targets, until, signal: going });
  };
  const worker = (later = 0) =>
    openSegments({
      ...{ handler: house.handler, pool, now: () => now + later, pageSize: 7 },
      onFailed: (error) => failures.push(error),
    });
  const refresh = async (id: string, signal = going, onProgress?: () => void) => {
    const which = { tenant: demo, segmentId: id as SegmentId };
    const done = await worker().refresh(which, { signal, ...(onProgress && { onProgress }) });
    await catchUp();
    return done;
  };
  const define = (id: string, definition: SegmentDefinition) =>
    house.handler.handle(
      defineSegment,
      { segmentId: id as SegmentId, name: id, definition },
      house.context(),
    );
  const written = () => house.log.facts.filter(({ type }) => type.startsWith('Segment')).length;
  const membersOf = async (id: string): Promise<string[]> => {
    const { rows } = await pool.query<{ user_id: string }>(
      'select user_id from read.segment_members where segment_id = $1 order by 1',
      [id],
    );
    return rows.map((row) => row.user_id);
  };
  /** In memory, as a price sees it. */
  const inMemory = (id: string): string[] =>
    Array.from({ length: count }, (_, n) => user(n)).filter((userId) =>
      house.directory.segments.of(demo, userId).includes(id),
    );

  before(async () => {
    server = await startServer();
    database = await server.database();
    pool = database.pool();
    waiting = createWaiting({ pool });
    house = openHouse(() => now);
    const { handler } = house;
    const named = { name: 'Demo', currency: rule.currency, gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, named, house.context());
    await handler.handle(setProgrammeRule, { rule }, house.context());
    const password = 'a long enough password';
    for (const role of ['owner', 'manager', 'analyst', 'auditor'] as const satisfies Role[]) {
      const operator = { operatorId: role as string as OperatorId, name: role, password };
      await handler.handle(registerOperator, { ...operator, roles: [role] }, house.context());
    }
    const enrol = createEnrolCustomer(handler, createPersonalData(createMemoryPersonalKeys()));
    for (let n = 0; n < count; n += 1) {
      await enrol({ userId: user(n) }, house.context());
      const gift = { userId: user(n), points: 100 * (n + 1), reason: 'welcome' };
      await handler.handle(adjustPoints, gift, house.context());
    }
    targets = [];
    for (const projection of allProjections.filter(({ name }) => needed.includes(name))) {
      targets.push(await openProjection(pool, projection));
    }
    await catchUp();
    const segmentRefreshes = createSegmentRefreshes({
      refresh: (which, options) => worker().refresh(which, options),
      now: () => now,
    });
    const routes = segmentRoutes({ handler, pool, waiting, segmentRefreshes });
    ({ app, close } = testApi(routes, { directory: house.directory, now: () => now }));
  });
  after(async () => {
    close();
    waiting.close();
    await house.close();
    await database.close();
    await server.stop();
    expect(failures).to.deep.equal([]);
  });

  it('finds who is in a segment, and the second time writes nothing', async () => {
    await define('rich', withPoints(2_001));
    const done = await refresh('rich');
    expect(done).to.deep.equal({
      ...{ accounts: count, of: count, added: 10, moved: 0, removed: 0, members: 10 },
    });
    const expected = Array.from({ length: 10 }, (_, n) => user(n + 20));
    expect(await membersOf('rich')).to.deep.equal(expected);
    expect(inMemory('rich')).to.deep.equal(expected);
    const before = written();
    now += 3_600_000;
    expect((await refresh('rich')).added).to.equal(0);
    expect(written()).to.equal(before);
  });

  it('follows what changed since, and a new definition', async () => {
    const context = house.context();
    const gift = { userId: user(0), points: 5_000, reason: 'sorry' };
    await house.handler.handle(adjustPoints, gift, context);
    await createCloseAccount(house.handler)({ userId: user(29), reason: 'left' }, house.context());
    await catchUp();
    expect(await refresh('rich')).to.include({ added: 1, removed: 1, members: 10 });
    expect(inMemory('rich')).to.deep.equal(await membersOf('rich'));
    const definition = withPoints(2_901);
    const input = { segmentId: 'rich' as SegmentId, name: 'Richest', definition };
    await house.handler.handle(redefineSegment, input, house.context());
    expect(await refresh('rich')).to.include({ added: 0, removed: 9, members: 1 });
    expect(inMemory('rich')).to.deep.equal([user(0)]);
    const last = house.log.facts.findLast(({ type }) => type === 'SegmentRefreshed');
    expect(last?.data).to.deep.include({ version: 2, members: 1, added: 0, removed: 9 });
  });

  it('goes on where it was cancelled', async () => {
    await define('all', withPoints(0));
    const cancelling = new AbortController();
    const cancelled = await refresh('all', cancelling.signal, () => cancelling.abort()).catch(
      (error: unknown) => error,
    );
    expect(cancelled).to.have.property('name', 'AbortError');
    await catchUp();
    const some = (await membersOf('all')).length;
    expect(some).to.be.within(1, count - 2);
    expect(await refresh('all')).to.include({ added: count - 1 - some, members: count - 1 });
    const ended = house.log.facts.findLast(({ type }) => type === 'SegmentRefreshed');
    expect(ended?.data, 'all that came, before and after').to.include({ added: count - 1 });
  });

  it('writes nothing twice, however many refresh at once and however far the read model lags', async () => {
    await define('busy', withPoints(1_000));
    const which = { tenant: demo, segmentId: 'busy' as SegmentId };
    const done = await Promise.all(
      [1, 2, 3].map((ms) => worker(ms).refresh(which, { signal: going })),
    );
    expect(done.reduce((sum, { added }) => sum + added, 0)).to.equal(21);
    await catchUp();
    expect(inMemory('busy')).to.deep.equal(await membersOf('busy'));
    const added = house.log.facts
      .filter(({ stream }) => stream.endsWith('.busy'))
      .flatMap(({ data }) => (data as { userIds?: string[] }).userIds ?? []);
    expect(new Set(added).size).to.equal(added.length);
  });

  it('ends where the definition is changed meanwhile, and refuses what is not there', async () => {
    await define('moody', withPoints(100));
    const name = 'Moody';
    let version = 1;
    const change = () => {
      version += 1;
      const input = { segmentId: 'moody' as SegmentId, name, definition: withPoints(version) };
      return house.handler.handle(redefineSegment, input, house.context());
    };
    let changed: Promise<unknown> | null = null;
    const refused = await refresh('moody', going, () => void (changed ??= change())).catch(
      (error: unknown) => error,
    );
    await changed;
    expect(refused).to.be.instanceOf(Rejected).with.property('code', 'segment-changed');
    const missing = await refresh('nosuch').catch((error: unknown) => error);
    expect(missing).to.have.property('code', 'segment-not-found');
    expect(await worker().refreshAll(going), 'the others are not held up').to.be.greaterThan(2);
    await catchUp();
  });

  describe('by request', () => {
    const send = (
      login: string,
      method: 'get' | 'post' | 'put',
      path: string,
      body?: object | string,
      type = 'application/json',
    ): request.Test => {
      const call = request(app)
        [method](`/admin/v1${path}`)
        .set('authorization', `Bearer ${operatorToken(demo, login, now + 60_000)}`);
      return body === undefined ? call : call.set('content-type', type).send(body);
    };

    it('defines, shows and retires segments: managers do, analysts and auditors look', async () => {
      for (const { value } of definitionExamples) {
        await send('analyst', 'post', '/segments', value as object).expect(403);
        await send('manager', 'post', '/segments', value as object).expect(201);
        await send('manager', 'post', '/segments', value as object).expect(200);
      }
      const listed = await send('auditor', 'get', '/segments?limit=1000').expect(200);
      const names = (listed.body.items as { segmentId: string }[]).map((one) => one.segmentId);
      expect(names).to.include.members(['pilot', 'bigSpenders', 'rfm', 'rich']);
      const shown = await send('analyst', 'get', '/segments/rich').expect(200);
      expect(shown.body).to.include({ name: 'Richest', version: 2, members: 1, status: 'defined' });
      const redefined = { name: 'Who has most', definition: withPoints(2_901) };
      await send('manager', 'put', '/segments/rich', redefined).expect(200);
      await send('manager', 'put', '/segments/nosuch', redefined).expect(404);
      const end = { reason: 'over' };
      await send('manager', 'post', '/segments/busy/retirement', end).expect(200);
      expect(inMemory('busy')).to.deep.equal([]);
      await catchUp();
      const { body: last } = await send('analyst', 'get', '/segments/busy/sizes').expect(200);
      const added = last.items.reduce((sum: number, one: { added: number }) => sum + one.added, 0);
      expect(last.items[0]).to.include({ members: 0, removed: added });
      const again = await send('manager', 'post', '/segments', {
        ...{ segmentId: 'busy', name: 'busy', definition: { kind: 'static' } },
      });
      expect(again.body.code).to.equal('segment-retired');
    });

    it('names every fault of a definition by its place', async () => {
      const when = { and: [{ kind: 'spent' }, { kind: 'birthday' }, { kind: 'points', min: -1 }] };
      const definition = { kind: 'dynamic', when };
      const faulty = await send('analyst', 'post', '/segment-previews', { definition }).expect(400);
      expect(
        (faulty.body.faults as { pointer: string }[]).map(({ pointer }) => pointer),
      ).to.deep.equal([
        '/definition/when/and/0',
        '/definition/when/and/1/kind',
        '/definition/when/and/2/min',
      ]);
      const body = { segmentId: 'faulty', name: 'x', definition: { kind: 'dynamic' } };
      await send('manager', 'post', '/segments', body).expect(400);
    });

    it('previews the size of a definition and keeps nothing of it', async () => {
      const before = written();
      const preview = { definition: withPoints(2_001) };
      const shown = await send('analyst', 'post', '/segment-previews', preview).expect(200);
      expect(shown.body).to.deep.include({ members: 10, accounts: count - 1 });
      for (const { value } of previewExamples) {
        await send('analyst', 'post', '/segment-previews', value as object).expect(200);
      }
      await send('auditor', 'post', '/segment-previews', preview).expect(403);
      expect(written()).to.equal(before);
    });

    it('refreshes as a job that can be watched', async () => {
      const path = '/segments/rich/refresh';
      await send('analyst', 'post', path).expect(403);
      const begun = await send('manager', 'post', path).expect(202);
      expect(begun.body).to.include({ state: 'running', startedBy: 'manager' });
      await eventually(
        async () => (await send('auditor', 'get', path)).body.state === 'done',
        'the refresh is done',
      );
      await send('manager', 'post', `${path}/cancellation`).expect(200);
      await send('manager', 'get', '/segments/pilot/refresh').expect(404);
    });

    it('puts customers on a list, and says which it does not know', async () => {
      const path = '/segments/pilot/members';
      const add = [user(0), user(1), user(0), 'nobody', user(99), user(29)];
      const first = await send('manager', 'post', path, { add }).expect(200);
      expect(first.body).to.deep.include({ added: 2, already: 1, members: 2 });
      expect(first.body.rejected).to.deep.equal([
        { line: 4, userId: 'nobody', reason: 'invalid-user-id' },
        { line: 5, userId: user(99), reason: 'account-not-found' },
        { line: 6, userId: user(29), reason: 'account-not-found' },
      ]);
      const again = await send('manager', 'post', path, { add: [user(0)] }).expect(200);
      expect(again.body).to.include({ added: 0, already: 1 });
      const off = await send('manager', 'post', path, { remove: [user(1)] }).expect(200);
      expect(off.body).to.include({ removed: 1, members: 1 });
      const computed = await send('manager', 'post', '/segments/rich/members', { add: [user(1)] });
      expect(computed.body.code).to.equal('segment-computed');
      const mine = await send('analyst', 'get', `/customers/${user(0)}/segments`).expect(200);
      expect(mine.body.items).to.include.members(['pilot', 'rich']);
    });

    it('imports a file of customers line by line, CSV or NDJSON, and twice changes nothing', async () => {
      const path = '/segments/pilot/imports';
      const csv = ['userId,name', `${user(2)},"Ann, B"`, '', `"${user(3)}";x`, 'junk', user(98)];
      const sent = () => send('manager', 'post', path, csv.join('\r\n'), 'text/csv').expect(200);
      const first = (await sent()).body;
      expect(first).to.deep.include({ lines: 4, added: 2, rejectedLines: 2, members: 3 });
      expect(first.rejected).to.deep.equal([
        { line: 5, userId: 'junk', reason: 'invalid-user-id' },
        { line: 6, userId: user(98), reason: 'account-not-found' },
      ]);
      expect((await sent()).body).to.deep.include({ added: 0, already: 2, members: 3 });
      const ndjson = [`"${user(4)}"`, `{"userId":"${user(5)}"}`, '{"user":1}', '{'].join('\n');
      const lines = await send('manager', 'post', path, ndjson, 'application/x-ndjson').expect(200);
      expect(lines.body).to.deep.include({ lines: 4, added: 2, rejectedLines: 2, members: 5 });
      await send('manager', 'post', path, '{}').expect(415);
      await send('analyst', 'post', path, 'x', 'text/csv').expect(403);
      await send('manager', 'post', '/segments/nosuch/imports', 'x', 'text/csv').expect(404);
    });

    it('shows members a page at a time, and sizes day by day', async () => {
      await catchUp();
      const first = await send('auditor', 'get', '/segments/pilot/members?limit=3').expect(200);
      expect(first.body.items).to.have.length(3);
      const { next } = first.body as { next: string };
      const rest = await send('auditor', 'get', `/segments/pilot/members?limit=3&after=${next}`);
      const listed = [...first.body.items, ...rest.body.items] as { userId: string }[];
      expect(listed.map(({ userId }) => userId)).to.deep.equal([0, 2, 3, 4, 5].map(user));
      expect(rest.body.next).to.equal(null);
      await send('auditor', 'get', '/segments/pilot/members?after=junk').expect(400);
      const memberships = `/customers/${user(0)}/memberships`;
      const { body: own } = await send('auditor', 'get', `${memberships}?limit=1`).expect(200);
      const others = await send('auditor', 'get', `${memberships}?after=${own.next}`).expect(200);
      const all = [...own.items, ...others.body.items] as { segmentId: string }[];
      const names = all.map(({ segmentId }) => segmentId);
      expect(names).to.deep.equal(['all', 'moody', 'pilot', 'rich']);
      expect(all[2]).to.deep.include({ cell: null, since: new Date(now).toISOString() });
      const sizes = await send('analyst', 'get', '/segments/pilot/sizes').expect(200);
      const day = new Date(start).toISOString().slice(0, 10);
      expect(sizes.body.items).to.deep.equal([{ day, members: 5, added: 6, moved: 0, removed: 1 }]);
      const cells = await send('analyst', 'get', '/segments/rfm/cells').expect(200);
      expect(cells.body).to.deep.equal({ cells: [], groups: [] });
    });

    it('is in the read model what a whole replay makes of the log', async () => {
      await catchUp();
      const { differences, rows } = await verify({
        ...{ feed: house.log, pool, projection: segments, signal: going },
      });
      expect(differences).to.deep.equal([]);
      expect(rows['segment_sizes']).to.be.greaterThan(3);
    });

    it('describes the conditions that there are', async () => {
      const { body } = await send('analyst', 'get', '/segment-conditions').expect(200);
      expect((body.items as { kind: string }[]).map(({ kind }) => kind)).to.include('spent');
    });
  });
});
