/** Messages through the queue to providers that are real on loopback, and what becomes of them while those misbehave. */
import { inspect } from 'node:util';
import { expect } from 'chai';
import { createCarriers, type ProviderRecord } from '../../../commands/carriers.js';
import { createDirectory } from '../../../commands/directory.js';
import { createHandler } from '../../../commands/handle.js';
import { createProviderSecrets } from '../../../commands/provider/secrets.js';
import type { ProviderId, TenantId } from '../../../domain/ids.js';
import type { Message } from '../../../domain/message/message.js';
import { openTakeReceipts } from '../../../platform/compose/outreachReceipts.js';
import { createProviderDesk } from '../../../platform/compose/providers.js';
import { createLogger } from '../../../platform/logging.js';
import { createMetrics } from '../../../platform/metrics.js';
import { createPostgresPersonalKeys } from '../../../platform/postgres/personalKeys.js';
import { openCentre } from '../providers/centre.js';
import { openHttpPeer } from '../providers/httpPeer.js';
import { openMail } from '../providers/mailPeer.js';
import type { Peer } from '../providers/peer.js';
import { eventually } from '../ownLog.js';
import { type House, send, type Sending, startHouse } from './house.js';

describe('messages by real providers', function () {
  this.timeout(120_000);
  let house: House;
  const open: { close(): Promise<void> }[] = [];
  let sending: Sending | undefined;

  before(async () => void (house = await startHouse()));
  afterEach(async () => {
    await sending?.stop();
    for (const each of open.splice(0)) await each.close();
  });
  after(() => house.stop());

  const register = async (tenant: TenantId, id: string, peer: Peer, terms: object = {}) => {
    open.push(peer);
    const { seal } = createProviderSecrets(createPostgresPersonalKeys(house.pool));
    const { kind, channel, settings } = peer;
    const sealedSecrets = await seal(tenant, id as ProviderId, { ...peer.secrets });
    await house.provider(tenant, id, { kind, channel, settings, sealedSecrets, ...terms });
  };
  const start = () => (sending = send(house.settings));
  const all = async (tenant: TenantId, is: (message: Message) => boolean) =>
    eventually('all messages are as they should be', async () => {
      // Their table is made when the first is sent.
      const messages = await house.messages(tenant).catch(() => []);
      return messages.length > 0 && messages.every(is);
    }).catch((error: Error) => {
      throw new Error(`${error.message}: ${inspect(sending?.troubles, { depth: 5 })}`);
    });
  const journalOf = async (tenant: TenantId): Promise<string> =>
    JSON.stringify((await house.journal(tenant)).map(({ data }) => data));
  const attemptsIn = async (tenant: TenantId) =>
    (await house.journal(tenant))
      .filter(({ type }) => type === 'AttemptsStarted')
      .flatMap(({ data }) => (data as { attempts: { providerId: string }[] }).attempts)
      .map(({ providerId }) => providerId);

  it('are in the mailbox, with the reference of their attempt', async () => {
    const tenant = await house.programme('mailed');
    const mail = await openMail();
    await register(tenant, 'mail_main', mail);
    const recipients = ['ada', 'bob', 'gone'].map((name) => ({ email: `${name}@example.com` }));
    const text = { subject: 'Ten points', text: 'You have ten points.' };
    await house.request(
      tenant,
      recipients.map((recipient) => ({ recipient, channel: 'email', text })),
    );
    start();
    await all(
      tenant,
      ({ status }) => status === 'delivered' || status === 'failed' || status === 'undelivered',
    );
    expect(mail.letters).to.have.length(2);
    expect(mail.taken().every((reference) => /^[0-9a-f]{32}/.test(reference))).to.equal(true);
    const answers = await journalOf(tenant);
    expect(answers).to.include('recipientPermanent').and.not.include('@example.com');
  });

  it('are delivered once the SMS centre has said so, over its own connection', async () => {
    const tenant = await house.programme('texted');
    const centre = await openCentre();
    await register(tenant, 'sms_north', centre);
    await house.request(
      tenant,
      Array.from({ length: 20 }, () => ({ until: 'delivered' })),
    );
    start();
    await eventually('all are submitted', () => centre.submitted.length === 20);
    const [session] = centre.sessions;
    for (let n = 1; n <= 20; n += 1) {
      session?.deliver_sm({ esm_class: 4, short_message: `id:id${n} stat:DELIVRD err:000` });
    }
    await all(tenant, ({ status }) => status === 'delivered');
    expect(centre.submitted).to.have.length(20);
  });

  it('are delivered once a provider has called and proved who it is', async () => {
    const tenant = await house.programme('called');
    const peer = await openHttpPeer(({ body }) => ({
      status: 200,
      body: { id: `their ${(JSON.parse(String(body)) as { ref: string }).ref}` },
    }));
    const settings = {
      request: { url: `${peer.url}/send`, body: { to: '{{to}}', ref: '{{clientReference}}' } },
      answer: { reference: '/id' },
      callback: {
        proof: { kind: 'token', header: 'x-token' },
        ...{ providerReference: '/id', status: '/state' },
        statuses: [{ is: 'ok', means: 'delivered' }],
      },
    };
    const secrets = { callback: 'agreed with them' };
    const whole = { ...peer, kind: 'http', channel: 'sms', settings, secrets } as unknown as Peer;
    await register(tenant, 'sms_json', whole);
    await house.request(
      tenant,
      Array.from({ length: 5 }, () => ({ until: 'delivered' })),
    );
    start();
    await eventually('all are submitted', () => peer.asked.length === 5);
    const carriers = createCarriers();
    for (const fact of await house.log.read(`provider-${tenant}.sms_json`, 0, 10)) {
      carriers.apply(fact);
    }
    const record = carriers.provider(tenant, 'sms_json' as ProviderId) as ProviderRecord;
    const logger = createLogger({ logLevel: 'silent', logFormat: 'json', logFile: '' });
    const takeReceipts = openTakeReceipts({
      ...{ ...house, logger, metrics: createMetrics(), now: Date.now },
      handler: createHandler({ log: house.log, directory: createDirectory(), cacheEntries: 10 }),
    });
    const desk = createProviderDesk({
      secrets: createProviderSecrets(createPostgresPersonalKeys(house.pool)),
      ...{ privateNetworks: [], now: Date.now, onTrouble: () => undefined, takeReceipts },
    });
    const events = peer.asked.map(({ body }) => ({
      ...{ id: `their ${(JSON.parse(String(body)) as { ref: string }).ref}`, state: 'ok' },
    }));
    const call = (token: string) =>
      desk.judge(record, {
        ...{ headers: { 'x-token': token }, query: {} },
        body: Buffer.from(JSON.stringify(events)),
      });
    expect(await call('a guess')).to.include({ kind: 'refused' });
    const judged = await call(secrets.callback);
    if (judged.kind !== 'receipts') throw new Error(`the call was ${judged.kind}`);
    await takeReceipts(tenant, record.providerId, judged.receipts);
    await all(tenant, ({ status }) => status === 'delivered');
    expect(peer.asked).to.have.length(5);
  });

  it('go by another centre while the first throttles, refuses us or is away', async () => {
    const tenant = await house.programme('failing');
    const [first, second] = [await openCentre(), await openCentre()];
    await register(tenant, 'sms_away', first);
    await register(tenant, 'sms_well', second);
    const order = {
      ...{ ruleId: 'in_order', channel: 'sms', by: 'order' },
      providers: ['sms_away', 'sms_well'].map((providerId) => ({ providerId, weight: 1 })),
    };
    await house.append(tenant, `routing-${tenant}.rules`, 'RoutingSet', {
      ...{ version: 1, rules: [order] },
    });
    first.behave('account');
    await house.request(
      tenant,
      Array.from({ length: 10 }, () => ({})),
    );
    start();
    await all(tenant, ({ status }) => status === 'delivered');
    expect(second.submitted).to.have.length(10);
    expect(first.submitted).to.deep.equal([]);
    const opened = async () =>
      (await house.log.read(`provider-${tenant}.sms_away`, 0, 50)).some(
        ({ type, data }) =>
          type === 'ProviderBreakerOpened' && (data as { reason: string }).reason === 'account',
      );
    await eventually('the breaker is recorded', opened);
  });

  it('are not sent again where nobody knows whether they arrived', async () => {
    const tenant = await house.programme('unsure');
    const centre = await openCentre();
    // Time enough to bind on a busy machine: before that it is known that nothing arrived.
    await register(tenant, 'sms_mute', centre, { timeoutMs: 2_000 });
    centre.behave('silent');
    await house.request(tenant, [{}]);
    start();
    await eventually('it is not known', async () =>
      (await journalOf(tenant)).includes('unknownOutcome'),
    );
    centre.behave('fine');
    await house.request(tenant, [{}]);
    await eventually('another one is sent', () => centre.submitted.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(centre.submitted).to.have.length(1);
    expect(await attemptsIn(tenant)).to.deep.equal(['sms_mute', 'sms_mute']);
  });
});
