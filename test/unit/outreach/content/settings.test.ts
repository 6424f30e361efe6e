import { expect } from 'chai';
import { type Desk, openDesk } from './desk.js';

const base = '/admin/v1/outreach';
const content = {
  name: 'Points expire',
  defaultLocale: 'en',
  variables: [
    { name: 'points', kind: 'number', example: 2_500 },
    { name: 'due', kind: 'date', example: '2026-05-31' },
  ],
  bodies: {
    en: {
      sms: { text: '{{ points | points }} points expire on {{ due | date }}.' },
      email: { subject: 'Points', text: '{{ points | points }}', html: '<b>{{ points }}</b>' },
    },
    de: { sms: { text: '{{ points | points }} Punkte – bis {{ due | date }}.' } },
  },
};

describe('what messages say, at the desk', () => {
  let desk: Desk;
  const send: Desk['send'] = (...asked) => desk.send(...asked);
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk.close());

  it('is stored in versions, each once', async () => {
    const path = `${base}/templates/points_expire`;
    expect((await send('put', path, content)).body).to.include({ version: 1 });
    expect((await send('put', path, content)).body).to.include({ version: 1 });
    const other = { ...content, name: 'Points go' };
    expect((await send('put', path, other)).body).to.include({ version: 2 });
    expect((await send('get', path)).body).to.containSubset({
      ...{ version: 2, status: 'active', versions: [{ version: 2 }, { version: 1 }] },
      content: { name: 'Points go' },
    });
    const { body } = await send('get', `${path}?version=1`);
    expect(body.content).to.deep.equal(content);
    expect((await send('get', `${path}?version=3`)).body).to.include({
      code: 'template-not-found',
    });
    expect((await send('get', `${base}/templates`)).body.items).to.containSubset([
      { templateId: 'points_expire', version: 2, locales: ['en', 'de'] },
    ]);
  });

  it('is refused with the place of every fault', async () => {
    const faulty = {
      ...content,
      bodies: { en: { sms: { text: '{{ point }}' }, email: { text: '{{ points | shout }}' } } },
    };
    const { status, body } = await send('put', `${base}/templates/wrong`, faulty);
    expect(status).to.equal(422);
    expect(body).to.deep.include({
      code: 'template-wrong',
      faults: [
        { pointer: '/bodies/en/sms/text', reason: 'point is not declared in variables' },
        {
          pointer: '/bodies/en/email/text',
          reason: 'undefined filter: shout, line:1, col:1',
        },
      ],
    });
    const unknown = { ...content, bodies: { en: { fax: { text: 'x' } } } };
    expect((await send('put', `${base}/templates/wrong`, unknown)).status).to.equal(400);
  });

  it('is seen beforehand, with the parts of an SMS counted and what made it dear', async () => {
    const path = `${base}/templates/points_expire/preview`;
    const german = await send('post', path, { channel: 'sms', locale: 'de-AT' });
    expect(german.body).to.deep.equal({
      locale: 'de',
      text: '25 Punkte – bis 31.05.2026.',
      sms: { encoding: 'ucs2', segments: 1, units: 27, left: 43, because: ['–'] },
    });
    const said = { channel: 'email', variables: { points: 100 } };
    expect((await send('post', path, said)).body).to.deep.equal({
      ...{ locale: 'en', subject: 'Points', text: '1', html: '<b>100</b>' },
    });
    const wrong = { channel: 'sms', variables: { points: 'many' } };
    expect((await send('post', path, wrong)).body).to.include({
      ...{ code: 'template-not-rendered', pointer: '/variables/points' },
    });
    const draft = {
      channel: 'sms',
      content: { ...content, bodies: { en: { sms: { text: '{%' } } } },
    };
    expect((await send('post', `${base}/templates/new_one/preview`, draft)).body).to.include({
      code: 'template-wrong',
    });
    const missing = { channel: 'sms' };
    expect((await send('post', `${base}/templates/new_one/preview`, missing)).status).to.equal(404);
  });

  it('goes by steps that can be taken, with the templates of now', async () => {
    const path = `${base}/strategies/push_then_sms`;
    const push = { channel: 'push', until: 'delivered', waitSeconds: 600 };
    const sms = { channel: 'sms', until: 'sent', waitSeconds: 600 };
    const template = { templateId: 'points_expire' };
    const steps = [push, { ...sms, template }];
    const set = await send('put', path, { name: 'Push, then SMS', steps });
    expect(set.body.content.steps[1].template).to.deep.equal({ ...template, version: 2 });
    const wrong = {
      name: 'x',
      steps: [
        { ...push, template },
        { ...sms, providerId: 'nobody', template: { templateId: 'no_such' } },
      ],
    };
    expect((await send('put', path, wrong)).body).to.deep.include({
      code: 'strategy-wrong',
      faults: [
        { pointer: '/steps/0/template', reason: 'says nothing on push' },
        { pointer: '/steps/1/template', reason: 'is not there, or not in this version' },
        { pointer: '/steps/1/providerId', reason: 'is not registered' },
      ],
    });
    const twice = { name: 'x', steps: [push, push] };
    expect((await send('put', path, twice)).body.faults[0].pointer).to.equal('/steps/1');
    expect((await send('get', path)).body).to.containSubset({ version: 1, status: 'active' });
    await send('post', `${path}/retirement`, { reason: 'over' });
    expect((await send('get', `${base}/strategies`)).body.items).to.containSubset([
      { strategyId: 'push_then_sms', status: 'retired', channels: ['push', 'sms'] },
    ]);
  });

  it('obeys rules that hold by default, and those of the programme', async () => {
    const before = await send('get', `${base}/rules`);
    expect(before.body).to.deep.include({ version: 0 });
    const rules = {
      ...before.body.rules,
      quietHours: { from: '21:00', to: '09:00' },
      timeZone: 'Europe/Riga',
    };
    expect((await send('put', `${base}/rules`, rules)).body).to.deep.equal({ version: 1, rules });
    expect((await send('get', `${base}/rules`)).body).to.deep.equal({ version: 1, rules });
    const nowhere = { ...rules, timeZone: 'Mars/Olympus' };
    expect((await send('put', `${base}/rules`, nowhere)).body).to.deep.include({
      code: 'outreach-rules-wrong',
      faults: [
        { pointer: '/timeZone', reason: 'is no time zone of the IANA, such as Europe/Riga' },
      ],
    });
  });

  it('is made of facts by policies whose parts are there', async () => {
    const path = `${base}/policies/points_soon`;
    const policy = {
      ...{ name: 'Soon', enabled: true, class: 'service', via: { channel: 'sms' } },
      trigger: { kind: 'pointsExpire', daysBefore: 7 },
      template: { templateId: 'points_expire' },
    };
    expect((await send('put', path, policy)).body).to.include({ version: 1 });
    expect((await send('put', path, { ...policy, enabled: false })).body).to.include({
      version: 2,
    });
    expect((await send('get', path)).body.content).to.include({ enabled: false });
    expect((await send('get', `${base}/policies`)).body.items).to.have.length(1);
    const refused = async (over: object) => {
      const { code, faults = [] } = (await send('put', path, { ...policy, ...over })).body;
      return [code, ...faults.map(({ pointer }: { pointer: string }) => pointer)].join(' ');
    };
    expect(await refused({ via: { channel: 'viber' } })).to.equal('policy-wrong /via/channel');
    expect(await refused({ via: { strategyId: 'push_then_sms' } })).to.equal('strategy-retired');
    expect(await refused({ via: { strategyId: 'no_such' } })).to.equal('strategy-not-found');
    expect(await refused({ template: { templateId: 'no_such' } })).to.equal('template-not-found');
    expect(await refused({ params: { shop: 'x' } })).to.equal('policy-wrong /params/shop');
    const silent = { trigger: { kind: 'birthday', daysBefore: 0 } };
    expect(await refused(silent)).to.match(/^policy-wrong \/params\/points/);
    expect(await refused({ class: 'otp' })).to.equal('policy-wrong /class');
    expect((await send('get', `${base}/policies/no_such`)).body.code).to.equal('policy-not-found');
  });
});
