import { expect } from 'chai';
import type { Express } from 'express';
import request from 'supertest';
import { campaignRoutes } from '../../../api/admin/campaigns.js';
import { contentExamples, draftExamples } from '../../../api/admin/campaignExamples.js';
import { campaignKindRoutes } from '../../../api/admin/campaignKinds.js';
import { campaignRulesRoutes } from '../../../api/admin/campaignRules.js';
import { campaignStepRoutes } from '../../../api/admin/campaignSteps.js';
import { registerMerchant } from '../../../commands/registry/registerMerchant.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { budgetStream } from '../../../domain/budget/budget.js';
import type { MerchantId, OperatorId, TenantId } from '../../../domain/ids.js';
import { operatorStream, type Role } from '../../../domain/operator/operator.js';
import type { CampaignId } from '../../../domain/pricing/campaign.js';
import { now, operatorToken, testApi } from '../api/testApi.js';
import { type House, openHouse } from '../commands/house.js';
import { quickPasswords } from '../commands/quickPasswords.js';

const demo = 'demo' as TenantId;
const admin = '/admin/v1';

describe('campaigns in the console', () => {
  quickPasswords();
  let house: House;
  let app: Express;
  let close: () => void;
  let clock: number;

  beforeEach(async () => {
    clock = now;
    house = openHouse(() => clock);
    const { handler, directory } = house;
    const context = () => house.context({ tenant: demo, now: clock });
    const named = { name: 'Demo', currency: 'GBP', gsrnPrefix: '8018000' };
    await handler.handle(registerTenant, named, context());
    const merchant = { merchantId: 1 as MerchantId, name: 'One', timeZone: 'Europe/Moscow' };
    await handler.handle(registerMerchant, merchant, context());
    // As they are recorded: hashing their passwords would take most of the time.
    const operator = (operatorId: string, role: Role, merchantId: number | null = null) =>
      house.log.append(operatorStream(demo, operatorId as OperatorId), 'noStream', [
        {
          id: `operator ${operatorId}`,
          type: 'OperatorRegistered',
          data: {
            ...{ operatorId, name: operatorId, roles: [role], merchantId },
            passwordHash: 'scrypt$',
          },
          metadata: house.log.facts[0]?.metadata as never,
        },
      ]);
    for (const role of ['owner', 'manager', 'analyst', 'auditor'] as const)
      await operator(role, role);
    await operator('owner2', 'owner');
    await operator('bound', 'manager', 1);
    await directory.waitFor(8n, 2_000);
    const routes = [
      ...campaignRoutes({ handler }),
      ...campaignStepRoutes({ handler }),
      ...campaignRulesRoutes({ handler }),
      ...campaignKindRoutes(),
    ];
    ({ app, close } = testApi(routes, { directory, now: () => clock }));
  });
  afterEach(async () => {
    close();
    await house.close();
  });

  const send = (login: string, method: 'get' | 'post' | 'put', path: string, body?: object) => {
    const call = request(app)
      [method](`${admin}${path}`)
      .set('authorization', `Bearer ${operatorToken(demo, login, clock + 60_000)}`);
    return body === undefined ? call : call.send(body);
  };
  const post = (login: string, path: string, body: object = {}) => send(login, 'post', path, body);
  const get = (path: string, login = 'analyst') => send(login, 'get', path);
  const campaignId = 'dairy_week';
  const of = `/campaigns/${campaignId}`;
  const drafted = (login = 'manager') =>
    post(login, '/campaigns', { campaignId, campaign: contentExamples.dairyWeek }).expect(201);
  const status = async () => (await get(of).expect(200)).body.status as string;

  it('go from a draft to their end', async () => {
    const { body } = await drafted();
    expect(body).to.deep.equal({ campaignId, version: 1 });
    expect(await status()).to.equal('draft');
    await post('manager', `${of}/submission`).expect(200);
    expect(await status()).to.equal('submitted');
    await post('owner', `${of}/approval`, { version: 1 }).expect(200);
    expect(await status()).to.equal('approved');
    await post('manager', `${of}/activation`, { version: 1 }).expect(200);
    expect(await status()).to.equal('active');
    await post('manager', `${of}/pause`, { reason: 'stock ran out' }).expect(200);
    expect(await status()).to.equal('paused');
    await post('manager', `${of}/resumption`).expect(200);
    expect(await status()).to.equal('active');
    await post('manager', `${of}/end`, { reason: 'over' }).expect(200);
    const shown = (await get(of).expect(200)).body;
    expect(shown).to.deep.include({ status: 'ended', inForce: null, versions: 1, draft: null });
    expect(shown.campaign).to.deep.equal({ campaignId, version: 1, ...contentExamples.dairyWeek });
    const again = await post('manager', `${of}/activation`, { version: 1 }).expect(409);
    expect(again.body.code).to.equal('campaign-ended');
  });

  it('begin and end by the clock, without anybody doing anything', async () => {
    await drafted();
    const from = new Date(clock + 3_600_000).toISOString();
    const until = new Date(clock + 7_200_000).toISOString();
    const { body } = await post('manager', `${of}/schedule`, { version: 1, from, until });
    expect(body).to.deep.equal({ campaignId, version: 1, from, until });
    const shown = (await get(of)).body;
    expect(shown).to.deep.include({ status: 'scheduled', inForce: null });
    expect(shown.comes).to.deep.equal([
      { at: from, version: 1 },
      { at: until, version: null },
    ]);
    clock += 3_600_000;
    expect((await get(of)).body).to.deep.include({ status: 'active', inForce: 1 });
    clock += 3_600_000;
    expect((await get(of)).body).to.deep.include({ status: 'over', inForce: null });
  });

  it('take four eyes where the programme asks for them', async () => {
    const rules = { approval: 'fourEyes', caps: { perReceipt: { basisPoints: 3_000 } } };
    await send('manager', 'put', '/campaign-rules', { rules }).expect(403);
    const set = await send('owner', 'put', '/campaign-rules', { rules }).expect(200);
    expect(set.body).to.deep.equal({ version: 1, rules });
    expect((await get('/campaign-rules')).body).to.deep.equal({ version: 1, rules });
    await drafted('owner');
    const early = await post('manager', `${of}/activation`, { version: 1 }).expect(409);
    expect(early.body.code).to.equal('approval-missing');
    await post('owner', `${of}/submission`).expect(200);
    const own = await post('owner', `${of}/approval`, { version: 1 }).expect(409);
    expect(own.body).to.deep.include({ code: 'four-eyes-needed', authors: ['owner'] });
    await post('owner2', `${of}/decline`, { reason: 'too dear' }).expect(200);
    expect(await status()).to.equal('draft');
    await post('owner', `${of}/submission`, {}).expect(200);
    await post('owner2', `${of}/approval`, { version: 1 }).expect(200);
    await post('manager', `${of}/activation`, { version: 1 }).expect(200);
    expect(house.directory.campaigns.at(demo, clock).set.caps).to.deep.equal(rules.caps);
  });

  it('are edited by managers, approved by owners, read by analysts and auditors', async () => {
    const body = { campaignId, campaign: contentExamples.dairyWeek };
    for (const login of ['analyst', 'auditor']) {
      await post(login, '/campaigns', body).expect(403);
      await get('/campaigns', login).expect(200);
    }
    await post('bound', '/campaigns', body).expect(403);
    await drafted();
    await post('manager', `${of}/submission`).expect(200);
    await post('manager', `${of}/approval`, { version: 1 }).expect(403);
    await post('bound', `${of}/end`, { reason: 'x' }).expect(403);
  });

  it('are refused with every fault at its place', async () => {
    const campaign = {
      ...{ name: '', priority: -1, version: 3 },
      when: { and: [{ kind: 'weekday', days: ['sun'] }, { kind: 'full-moon' }] },
      rewards: [{ kind: 'percent', basisPoints: 20_000 }, { kind: 'free-lunch' }],
    };
    const { body } = await post('manager', '/campaigns', { campaignId, campaign }).expect(400);
    expect(body.code).to.equal('invalid-input');
    const pointers = body.faults.map((fault: { in: string; pointer: string }) => [
      fault.in,
      fault.pointer,
    ]);
    expect(pointers).to.deep.include.members([
      ['body', '/campaign/name'],
      ['body', '/campaign/priority'],
      ['body', '/campaign/version'],
      ['body', '/campaign/when/and/1/kind'],
      ['body', '/campaign/rewards/0/basisPoints'],
      ['body', '/campaign/rewards/1/kind'],
    ]);
    const judged = await post('analyst', '/campaign-validation', { campaign }).expect(200);
    expect(judged.body.valid).to.equal(false);
    expect(judged.body.faults.map((fault: { pointer: string }) => fault.pointer)).to.include(
      '/when/and/1/kind',
    );
    await post('manager', '/campaigns', { campaignId: 'No-id', campaign: {} }).expect(400);
    for (const nonsense of [null, [], 'x', 7]) {
      await post('manager', '/campaigns', { campaignId, campaign: nonsense }).expect(400);
    }
    const large = { ...contentExamples.dairyWeek, name: 'x'.repeat(200_000) };
    const huge = await post('manager', '/campaigns', { campaignId, campaign: large }).expect(400);
    expect(huge.body.faults[0].pointer).to.equal('/campaign');
    expect(house.types()).not.to.include('CampaignDrafted');
  });

  it('are written in versions, of which none changes once it was released', async () => {
    await drafted();
    const better = { campaign: contentExamples.thirdFree };
    await send('manager', 'put', `${of}/draft`, better).expect(200);
    await post('manager', `${of}/activation`, { version: 1 }).expect(200);
    const frozen = await send('manager', 'put', `${of}/draft`, better).expect(409);
    expect(frozen.body.code).to.equal('no-draft');
    const next = await post('manager', `${of}/versions`, {
      campaign: contentExamples.doublePoints,
    }).expect(201);
    expect(next.body).to.deep.equal({ campaignId, version: 2 });
    const shown = (await get(of)).body;
    expect(shown).to.deep.include({ status: 'active', inForce: 1, name: 'Three for two' });
    expect(shown.draft).to.deep.equal({ version: 2, stage: 'draft', authors: ['manager'] });
    const versions = (await get(`${of}/versions?limit=1`)).body;
    expect(versions.next).to.equal('1');
    expect(versions.items[0].name).to.equal('Three for two');
    expect((await get(`${of}/versions/2`)).body.name).to.equal(contentExamples.doublePoints.name);
    expect((await get(`${of}/versions/3`).expect(404)).body.code).to.equal('version-not-found');
    await post('manager', `${of}/activation`, { version: 2 }).expect(200);
    expect((await get(of)).body).to.deep.include({ inForce: 2, draft: null });
  });

  it('get the first answer again when a request is repeated under its key', async () => {
    const body = { campaignId, campaign: contentExamples.dairyWeek };
    const send1 = () => post('manager', '/campaigns', body).set('idempotency-key', 'k');
    await send1().expect(201);
    const { body: second } = await send1().expect(200);
    expect(second).to.deep.equal({ campaignId, version: 1 });
    const other = { campaignId, campaign: contentExamples.thirdFree };
    const reused = await post('manager', '/campaigns', other).set('idempotency-key', 'k');
    expect(reused.body.code).to.equal('idempotency-key-reused');
    const taken = await post('manager', '/campaigns', other).expect(409);
    expect(taken.body.code).to.equal('already-registered');
  });

  it('are listed a page at a time, by status and by part of the name', async () => {
    for (const { value } of draftExamples) {
      await post('manager', '/campaigns', value as object).expect(201);
    }
    await post('manager', '/campaigns/three_for_two/activation', { version: 1 }).expect(200);
    const ids = async (query: string) =>
      (await get(`/campaigns?${query}`).expect(200)).body.items.map(
        (item: { campaignId: string }) => item.campaignId,
      );
    expect(await ids('limit=2')).to.deep.equal(['dairy_week', 'three_for_two']);
    expect(await ids('limit=2&after=three_for_two')).to.deep.equal(['weekend_points']);
    expect(await ids('status=active')).to.deep.equal(['three_for_two']);
    expect(await ids('search=WEEK')).to.deep.equal(['dairy_week', 'weekend_points']);
    await get('/campaigns?status=nonsense').expect(400);
    await get('/campaigns/nobody').expect(404);
  });

  it('tell what is left of their budgets, for a merchant by its own day', async () => {
    await drafted();
    await post('manager', `${of}/activation`, { version: 1 }).expect(200);
    clock = Date.parse('2026-03-02T22:00:00Z');
    const charge = { amount: 1_500, points: 0, uses: 1, merchantId: 1, day: '2026-03-02' };
    const receipt = { purchaseId: 'p', userId: null, tillId: 'till1' };
    await house.log.append(budgetStream(demo, campaignId as CampaignId), 'noStream', [
      {
        id: 'b1',
        type: 'BudgetReserved',
        data: { ...receipt, ...charge, at: 0, until: clock + 1 },
        metadata: house.log.facts[0]?.metadata as never,
      },
    ]);
    const taken = { amount: 1_500, points: 0, uses: 1 };
    const all = (await get(`${of}/budget`).expect(200)).body;
    expect(all).to.deep.equal({ charged: taken, reserved: taken, remaining: { amount: 998_500 } });
    const own = (await get(`${of}/budget?merchantId=1`)).body;
    // In Moscow it is the next day already.
    expect(own.remaining).to.deep.equal({ amount: 20_000 });
    clock = Date.parse('2026-03-02T20:00:00Z');
    expect((await get(`${of}/budget?merchantId=1`)).body.remaining).to.deep.equal({
      amount: 18_500,
    });
    await get(`${of}/budget?merchantId=9`).expect(404);
  });

  it('describe what they are made of', async () => {
    const { body } = await get('/campaign-kinds', 'auditor').expect(200);
    const kinds = (list: { kind: string }[]) => list.map(({ kind }) => kind);
    expect(kinds(body.conditions)).to.include.members([
      'category',
      'weekday',
      'contains',
      'coupon',
    ]);
    expect(kinds(body.rewards)).to.include.members(['percent', 'cheapest-free', 'stamps']);
    for (const one of [...body.conditions, ...body.rewards]) {
      expect(one.summary).to.match(/\.$/);
      expect(one.schema.properties.kind.const).to.equal(one.kind);
    }
  });

  it('have examples that run, each as it is shown', async () => {
    const { handler } = house;
    const routes = [
      ...campaignRoutes({ handler }),
      ...campaignStepRoutes({ handler }),
      ...campaignRulesRoutes({ handler }),
    ];
    let tried = 0;
    for (const { method, path, examples } of routes) {
      for (const { value } of examples.body) {
        tried += 1;
        const id = `example_${tried}`;
        const isNew = path === '/admin/v1/campaigns';
        const isNext = path.endsWith('/versions');
        if (path.includes('{campaignId}')) {
          await post('owner', '/campaigns', {
            campaignId: id,
            campaign: contentExamples.dairyWeek,
          }).expect(201);
          if (path.endsWith('approval')) await post('owner', `/campaigns/${id}/submission`);
          if (path.endsWith('pause') || isNext) {
            await post('owner', `/campaigns/${id}/activation`, { version: 1 }).expect(200);
          }
        }
        const at = path.slice(admin.length).replace('{campaignId}', id);
        const sent = send('owner', method.toLowerCase() as 'post', at, value as object);
        await sent.expect(isNew || isNext ? 201 : 200);
      }
    }
    expect(tried).to.be.greaterThan(12);
  });
});
