/**
 * Following messages in the whole product: the guide as it is written, statuses delivered signed to a real endpoint, nobody finds what
 * another asked for, and a person who was erased is forgotten in what is searched.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { type Cleanup, createCleanup } from '../../../bench/cleanup.js';
import { cliMain, type Product, startProduct } from '../../../bench/product/product.js';
import type { MessageId, TenantId } from '../../../domain/ids.js';
import { createToldMessages } from '../../../platform/postgres/toldMessages.js';
import type { ToldMessage } from '../../../workers/outreach/statusEvent.js';
import { stepsOf } from '../../unit/exchange/guide.js';
import { eventually } from '../../unit/workers/eventually.js';

type Json = Record<string, unknown>;

/** Everything that is expected is there; what else there is does not matter. */
const assertHas = (actual: unknown, expected: unknown, at = ''): void => {
  if (Array.isArray(expected)) {
    expect(actual, at).to.have.length(expected.length);
    expected.forEach((one, i) => assertHas((actual as unknown[])[i], one, `${at}/${i}`));
  } else if (typeof expected === 'object' && expected !== null) {
    for (const [name, one] of Object.entries(expected)) {
      assertHas((actual as Json | undefined)?.[name], one, `${at}/${name}`);
    }
  } else expect(actual, at).to.equal(expected);
};

describe('following messages in the product', function () {
  this.timeout(180_000);
  const faults: unknown[] = [];
  const tokens: Record<string, string> = {};
  const received: { headers: Record<string, string>; body: string }[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let endpoint: Server;
  let dataDir = '';

  const send = async (method: string, path: string, token: string, body?: unknown, key = '') => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        'idempotency-key': key || randomUUID(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, body: (await response.json()) as Json };
  };
  const done = async (...call: Parameters<typeof send>): Promise<Json> => {
    const { status, body } = await send(...call);
    expect(status, `${call[0]} ${call[1]}: ${JSON.stringify(body)}`).to.be.below(300);
    return body;
  };
  const asOwner = (method: string, path: string, body?: unknown) =>
    done(method, path, tokens['owner'] ?? '', body);

  const startEndpoint = async (): Promise<string> => {
    endpoint = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        if (request.method === 'POST') {
          received.push({ headers: request.headers as Record<string, string>, body });
        }
        response.setHeader('webhook-allowed-origin', '*').writeHead(200).end();
      });
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hooks`;
  };

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    dataDir = cleanup.folder('following');
    product = await startProduct({
      ...{ dataDir, cleanup },
      env: { KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' },
    });
    const { login, password } = product.operator;
    const logon = await done('POST', '/pos/v1/logon', '', { tenant: 'demo', login, password });
    tokens['owner'] = String(logon['token']);
    for (const partnerId of ['motor_house', 'city_bank']) {
      await asOwner('POST', '/admin/v1/partners', { partnerId, name: partnerId });
      const roles = ['messenger', 'publisher', 'subscriber', 'reader'];
      const path = `/admin/v1/partners/${partnerId}/credentials`;
      const made = await asOwner('POST', path, { label: 'test', roles });
      tokens[partnerId] = String(made['token']);
    }
    await asOwner('POST', '/admin/v1/topics', {
      ...{ topicId: 'message_status', owner: 'motor_house', name: 'Statuses' },
      ...{ description: '', classification: 'open' },
    });
    await asOwner('POST', '/admin/v1/outreach/providers', {
      ...{ providerId: 'sms_try', kind: 'sandbox', channel: 'sms', concurrency: 4 },
      settings: { receipts: { afterMs: 50, status: 'delivered' } },
    });
    await done('POST', '/exchange/v1/subscriptions', tokens['motor_house'] ?? '', {
      ...{ subscriptionId: 'sub_statuses', topicId: 'message_status' },
      endpoint: { url: await startEndpoint() },
    });
  });
  after(async () => {
    endpoint?.close();
    await cleanup?.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  let messageId = '';

  it('goes as the guide says', async () => {
    const steps = stepsOf('following-messages.md');
    expect(steps.length).to.be.greaterThan(8);
    for (const { method, path, headers, body, answers } of steps) {
      const token = tokens[path.startsWith('/admin') ? 'owner' : 'motor_house'] ?? '';
      const to = path.replace('{messageId}', messageId);
      const given = body === '' ? undefined : (JSON.parse(body) as Json);
      await eventually(async () => {
        const key = headers['Idempotency-Key'];
        const answer = await send(method.toUpperCase(), to, token, given, key);
        expect(answer.status, `${to}: ${JSON.stringify(answer.body)}`).to.be.oneOf([200, 201]);
        if (to !== '/outreach/v1/messages') assertHas(answer.body, answers[0], to);
        messageId ||= String(answer.body['messageId'] ?? '');
      }, 60_000);
    }
    expect(messageId).to.match(/^[0-9a-f]{32}$/);
  });

  it('delivers each change to the endpoint, signed and in order', async () => {
    await eventually(() => expect(received.length).to.be.at.least(3), 60_000);
    const secrets = await done(
      ...([
        'GET',
        '/exchange/v1/subscriptions/sub_statuses/secret',
        tokens['motor_house'] ?? '',
      ] as const),
    );
    const [secret] = JSON.stringify(secrets).match(/whsec_[A-Za-z0-9+/=]+/) ?? [''];
    const events = received.map(({ headers, body }) => {
      new Webhook(secret).verify(body, headers);
      return JSON.parse(body) as { id: string; type: string; data: Json };
    });
    const unique = [...new Map(events.map((event) => [event.id, event])).values()];
    expect(unique.map(({ type }) => type)).to.deep.equal(Array(3).fill('kopilka.message.status'));
    expect(unique.map(({ id }) => id)).to.deep.equal([0, 1, 2].map((n) => `${messageId}.${n}`));
    expect(unique.map(({ data }) => data['status'])).to.deep.equal([
      ...['accepted', 'inProgress', 'delivered'],
    ]);
    expect(JSON.stringify(received)).to.not.include('26123456');
  });

  it('keeps how far messages were told together with the place, or neither', async () => {
    const ready = JSON.parse(readFileSync(join(dataDir, 'ready.json'), 'utf8')) as {
      postgresUrl: string;
    };
    const pool = new pg.Pool({ connectionString: ready.postgresUrl, max: 2 });
    try {
      const told = createToldMessages(pool);
      expect(await told.any()).to.equal(true);
      const name = { tenant: 'demo' as TenantId, messageId: messageId as MessageId };
      const [kept] = await told.load([name, { ...name, messageId: '0'.repeat(32) as MessageId }]);
      expect(kept).to.include({ topicId: 'message_status', sequence: 2, reference: 'order-17' });
      expect(kept?.message.status).to.equal('delivered');
      const place = await told.place();
      expect(place === null).to.equal(false);
      const other = { ...(kept as ToldMessage), tenant: 'elsewhere' as TenantId };
      const broken = { ...other, topicId: null as never };
      const refused = await told.save([other, broken], 1n).catch((error: unknown) => error);
      expect(refused).to.be.instanceOf(Error);
      expect(await told.load([other])).to.deep.equal([]);
      await told.save([other], 1n);
      // A place never goes back.
      expect(await told.place()).to.equal(place);
      expect(await told.load([other])).to.deep.equal([other]);
      await told.forget((other.message.endedAt ?? 0) + 1);
      expect(await told.load([other, name])).to.deep.equal([]);
    } finally {
      await pool.end();
    }
  });

  it('tells the timeline to operators with every reason, and on the command line', async () => {
    const path = `/admin/v1/outreach/messages/${messageId}/timeline`;
    const timeline = await asOwner('GET', path);
    const types = (timeline['steps'] as Json[]).map(({ type }) => type);
    expect(types).to.deep.equal([
      ...['MessageAccepted', 'AttemptsStarted', 'AttemptsAnswered', 'ReceiptsRecorded'],
      'MessagesEnded',
    ]);
    const { login, password } = product.operator;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [cliMain, 'message', messageId, '--url', product.url, '--tenant', 'demo', '--login', login],
      {
        env: { ...process.env, KOPILKA_PASSWORD: password },
        timeout: 20_000,
      },
    );
    expect(stdout).to.include(`Message ${messageId}: delivered.`).and.include('sms_try');
  });

  it('forgets a person who was erased in what is searched, and goes on telling the rest', async () => {
    const enrolled = await asOwner('POST', '/pos/v1/users/', { name: 'Ada' });
    const userId = String(enrolled['userId']);
    const token = tokens['motor_house'] ?? '';
    const asked = await done('POST', '/outreach/v1/messages', token, {
      ...{ class: 'transactional', channel: 'sms', text: { text: 'Heliotrope' } },
      recipient: { userId, phone: '+37126123457' },
    });
    const path = '/outreach/v1/messages/search';
    const find = async (body: Json) => (await done('POST', path, token, body))['items'] as Json[];
    await eventually(async () => {
      for (const question of [{ recipient: { phone: '+37126123457' } }, { text: 'heliotrope' }]) {
        const [found] = await find(question);
        expect(found).to.include({ messageId: asked['messageId'], status: 'delivered' });
      }
    }, 60_000);
    await asOwner('DELETE', `/pos/v1/users/${userId}?erase=true`);
    await eventually(async () => {
      expect(await find({ recipient: { phone: '+37126123457' } })).to.deep.equal([]);
      expect(await find({ text: 'heliotrope' })).to.deep.equal([]);
      const [rest] = await find({ userId });
      expect(rest).to.include({ messageId: asked['messageId'], erased: true });
    }, 60_000);
  });

  it('shows partners nothing of what another asked for', async () => {
    const token = tokens['city_bank'] ?? '';
    const found = await done('GET', '/outreach/v1/messages', token);
    expect(found['items']).to.deep.equal([]);
    const body = { recipient: { phone: '+37126123456' } };
    const search = await done('POST', '/outreach/v1/messages/search', token, body);
    expect(search['items']).to.deep.equal([]);
    const other = await send('GET', `/outreach/v1/messages/${messageId}/timeline`, token);
    const none = await send('GET', `/outreach/v1/messages/${'0'.repeat(32)}/timeline`, token);
    expect(other.status).to.equal(404);
    expect({ ...other.body, instance: 0, detail: 0, messageId: 0, correlationId: 0 }).to.deep.equal(
      {
        ...{ ...none.body, instance: 0, detail: 0, messageId: 0, correlationId: 0 },
      },
    );
    const own = await done('GET', '/outreach/v1/messages', tokens['motor_house'] ?? '');
    expect(own['items']).to.have.length(2);
    expect(JSON.stringify(own)).to.not.include('sms_try');
  });
});
