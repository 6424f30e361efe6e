/**
 * The guides for partners, every program and command as it stands on the page, and `kopilka listen`, against the product as its user
 * starts it.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { createCleanup } from '../../bench/cleanup.js';
import { cliMain, type Product, startProduct } from '../../bench/product/product.js';
import { packageRoot } from '../../platform/packageRoot.js';
import { quietPort } from '../quietPort.js';
import { openEventReader } from '../unit/exchange/eventSource.js';
import {
  type Language,
  missing,
  type Program,
  type ProgramOptions,
  runProgram,
  startProgram,
  writePrograms,
} from './partners/programs.js';

const languages: readonly Language[] = ['ts', 'py'];
const note = (language: Language): string =>
  missing[language] === null ? '' : ` (pending: ${missing[language]})`;

describe('the guides for partners', function () {
  this.timeout(120_000);
  const faults: unknown[] = [];
  const cleanup = createCleanup((error) => faults.push(error));
  const running: Program[] = [];
  let product: Product;
  let folder = '';
  let names: readonly string[] = [];
  let operator = '';
  const tokens = { motor_house: '', city_bank: '' };

  const admin = async (method: 'POST' | 'PUT', path: string, body: object): Promise<unknown> => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${operator}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    expect(response.ok, `${method} ${path}: ${text}`).to.equal(true);
    return JSON.parse(text) as unknown;
  };

  /** Answers with the token of its program. */
  const register = async (partnerId: string): Promise<string> => {
    await admin('POST', '/admin/v1/partners', { partnerId, name: partnerId });
    const path = `/admin/v1/partners/${partnerId}/credentials`;
    return ((await admin('POST', path, { label: 'e2e' })) as { token: string }).token;
  };

  /** A topic of the dealer that the bank may see. */
  const openTopic = async (topicId: string): Promise<void> => {
    const about = { owner: 'motor_house', name: topicId, description: '', classification: 'open' };
    await admin('POST', '/admin/v1/topics', { topicId, ...about });
    await admin('PUT', `/admin/v1/topics/${topicId}/grants/city_bank`, { history: 'all' });
  };

  const publish = async (topicId: string, ...ids: string[]): Promise<void> => {
    for (const id of ids) {
      const event = { specversion: '1.0', id, source: '/s', type: 'car.chosen', data: { id } };
      const response = await fetch(`${product.url}/exchange/v1/topics/${topicId}/publications`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${tokens.motor_house}`,
          'content-type': 'application/cloudevents+json',
        },
        body: JSON.stringify(event),
      });
      expect(response.status).to.equal(201);
    }
  };

  const as = (
    partner: keyof typeof tokens,
    topic: string,
    more: Readonly<Record<string, string>> = {},
  ): ProgramOptions => ({
    folder,
    env: { KOPILKA_URL: product.url, KOPILKA_TOKEN: tokens[partner], TOPIC: topic, ...more },
  });
  const start = (file: string, options: ProgramOptions): Program => {
    const program = startProgram(file, options);
    running.push(program);
    return program;
  };

  before(async () => {
    folder = cleanup.folder('partners');
    names = writePrograms(folder, ['publishing-partner.md', 'receiving-partner.md']);
    product = await startProduct({
      dataDir: cleanup.folder('partners-data'),
      cleanup,
      env: { KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' },
    });
    const { login, password } = product.operator;
    const response = await fetch(`${product.url}/pos/v1/logon`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tenant: 'demo', login, password }),
    });
    operator = ((await response.json()) as { token: string }).token;
    for (const partnerId of ['motor_house', 'city_bank'] as const) {
      tokens[partnerId] = await register(partnerId);
    }
  });
  after(async () => {
    for (const program of running) {
      program.signal('SIGKILL');
      await program.ended;
    }
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('have the programs that are tried here, and no others', () => {
    expect([...names].sort()).to.deep.equal(
      [
        ...['first.sh', 'batch.sh', 'publish.ts', 'publish.py'],
        ...['topics.sh', 'pull.sh', 'pull.ts', 'pull.py', 'stream.sh', 'stream.ts', 'stream.py'],
        ...['subscribe.sh', 'secret.sh', 'receive.ts', 'receive.py'],
      ].sort(),
    );
  });

  it(`publish with curl${note('sh')}`, async function () {
    if (missing.sh !== null) return this.skip();
    await openTopic('by_curl');
    for (const repeated of [false, true]) {
      for (const file of ['first.sh', 'batch.sh']) {
        const answer = JSON.parse(await runProgram(file, as('motor_house', 'by_curl'))) as object;
        expect(answer, file).to.include({ repeated });
      }
    }
    const pulled = JSON.parse(await runProgram('pull.sh', as('city_bank', 'by_curl'))) as object;
    expect(pulled).to.containSubset({
      items: [
        { place: 0, event: { id: 'first-1', partitionkey: 'customer:17' } },
        { place: 1, event: { id: 'batch-1' } },
        { place: 2, event: { id: 'batch-2' } },
      ],
      next: 2,
    });
    const topics = await runProgram('topics.sh', as('city_bank', ''));
    expect(topics).to.contain('"by_curl"').and.contain('"relation":"reader"');
    const streaming = start('stream.sh', as('city_bank', 'by_curl', { SECONDS_MAX: '20' }));
    await streaming.until((text) => text.includes('retry: '));
    await publish('by_curl', 'c');
    await streaming.until((text) => /^id: 3\ndata: \{"place":3,/m.test(text));
    streaming.signal('SIGTERM');
  });

  for (const language of languages) {
    it(`publish once, however often it is sent, in ${language}${note(language)}`, async function () {
      if (missing[language] !== null) return this.skip();
      const topic = `published_${language}`;
      await openTopic(topic);
      const choice = (id: string) =>
        `${JSON.stringify({ id, customer: '17', car: '42', brand: 'Lada' })}\n`;
      const file = `publish.${language}`;
      const options = as('motor_house', topic);
      const first = await runProgram(file, { ...options, input: choice('a') + choice('b') });
      expect(first).to.equal('a is at place 0\nb is at place 1\n');
      const again = await runProgram(file, { ...options, input: choice('b') + choice('c') });
      expect(again).to.equal('b is at place 1\nc is at place 2\n');
      const refused = startProgram(file, { ...as('city_bank', topic), input: choice('d') });
      expect(await refused.ended).to.not.equal(0);
      expect(refused.text()).to.contain('not-topic-owner');
    });

    it(`pull on from where they were, and see a gap, in ${language}${note(language)}`, async function () {
      if (missing[language] !== null) return this.skip();
      const topic = `pulled_${language}`;
      await openTopic(topic);
      await publish(topic, 'a', 'b');
      const PLACE_FILE = `place-${language}.txt`;
      const options = as('city_bank', topic, { PLACE_FILE });
      const first = start(`pull.${language}`, options);
      await first.until((text) => text.includes('place 1: car.chosen b'));
      await publish(topic, 'c');
      await first.until((text) => text.includes('place 2: car.chosen c'));
      await until(() => readFileSync(join(folder, PLACE_FILE), 'utf8') === '2');
      first.signal('SIGKILL');
      await first.ended;
      // What is published while the topic is closed to the bank, and hidden when it is opened again.
      const grant = `/admin/v1/topics/${topic}/grants/city_bank`;
      await admin('POST', `${grant}/revocation`, { reason: 'test' });
      await publish(topic, 'd', 'e');
      await admin('PUT', grant, { history: 'sinceGrant' });
      await publish(topic, 'f');
      const second = start(`pull.${language}`, options);
      await second.until((text) => text.includes('place 5: car.chosen f'));
      expect(second.text().trim()).to.equal('gap: 3 to 4 are not for us\nplace 5: car.chosen f');
      second.signal('SIGKILL');
    });

    it(`stream, and tell the end, in ${language}${note(language)}`, async function () {
      if (missing[language] !== null) return this.skip();
      const topic = `streamed_${language}`;
      await openTopic(topic);
      await publish(topic, 'a');
      const reader = start(`stream.${language}`, as('city_bank', topic));
      await reader.until((text) => text.includes('place 0: car.chosen a'));
      await publish(topic, 'b');
      await reader.until((text) => text.includes('place 1: car.chosen b'));
      const revocation = `/admin/v1/topics/${topic}/grants/city_bank/revocation`;
      await admin('POST', revocation, { reason: 'test' });
      await reader.until((text) => text.includes('the end: access-revoked'));
      expect(await reader.ended).to.not.equal(0);
    });
  }

  for (const language of languages) {
    it(`receive webhooks, check them and pull what is missing, in ${language}${note(language)}`, async function () {
      if (missing[language] !== null || missing.sh !== null) return this.skip();
      const topic = `received_${language}`;
      await openTopic(topic);
      await publish(topic, 'a', 'b');
      const PORT = String(await quietPort());
      const ENDPOINT = `http://127.0.0.1:${PORT}/hooks`;
      const SUBSCRIPTION = `sub_${language}bank`;
      // Longer than the calls of two publications can be apart on a busy machine: what comes late is not missing.
      const receiving = { PORT, MISSING_AFTER_SECONDS: '2' };
      const file = `receive.${language}`;

      const asked = start(file, as('city_bank', topic, receiving));
      await asked.until((text) => text.includes('listening'));
      const order = as('city_bank', topic, { SUBSCRIPTION, ENDPOINT, AFTER: '1' });
      const ordered = JSON.parse(await runProgram('subscribe.sh', order)) as object;
      expect(ordered).to.include({ status: 'active', delivers: true });
      expect(asked.text()).to.contain(' asks');
      asked.signal('SIGKILL');
      await asked.ended;
      const shown = JSON.parse(await runProgram('secret.sh', order)) as {
        secrets: { v1: string }[];
      };
      const WEBHOOK_SECRETS = shown.secrets.map(({ v1 }) => v1).join(' ');

      const receiver = start(file, as('city_bank', topic, { ...receiving, WEBHOOK_SECRETS }));
      await receiver.until((text) => text.includes('listening'));
      await publish(topic, 'c', 'd');
      await receiver.until((text) => text.includes('place 2: car.chosen c by webhook'));
      await receiver.until((text) => text.includes('place 3: car.chosen d by webhook'));
      await receiver.until((text) => text.includes('place 0: car.chosen a by pull'));
      await receiver.until((text) => text.includes('place 1: car.chosen b by pull'));

      const forged = await fetch(ENDPOINT, {
        method: 'POST',
        headers: {
          'webhook-id': 'msg_1',
          'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
          'webhook-signature': `v1,${'A'.repeat(43)}=`,
        },
        body: '{}',
      });
      expect(forged.status).to.equal(401);

      // The same once more by hand: signed with the same secret, and known again.
      const args = ['--subscription', SUBSCRIPTION, '--after', '2', '--limit', '1', '--json'];
      const listening = start(cliMain, {
        folder,
        env: { KOPILKA_URL: product.url, KOPILKA_PARTNER_TOKEN: tokens.city_bank },
        args: ['listen', ...args, '--forward', ENDPOINT],
      });
      expect(await listening.ended, listening.text()).to.equal(0);
      expect(listening.text()).to.match(/"forwarded":\{"webhookId":"msg_\w{22}".*"status":204/);
      await receiver.until((text) => text.includes('place 3: again, not handled twice'));
      receiver.signal('SIGKILL');
    });
  }

  it('watch deliveries as the guide says, and prove who got what', async () => {
    await openTopic('cars_chosen');
    let taken = 0;
    const endpoint = createHttpServer((call, response) => {
      let body = '';
      call.on('data', (piece) => (body += String(piece)));
      call.on('end', () => {
        if (body.includes('taken')) taken += 1;
        if (call.method === 'OPTIONS') response.setHeader('webhook-allowed-origin', '*').end();
        else if (body.includes('refused')) {
          response.writeHead(503, { 'retry-after': '3600' }).end('out of order');
        } else response.writeHead(204).end();
      });
    }).listen(0, '127.0.0.1');
    cleanup.add(() => void endpoint.close());
    await once(endpoint, 'listening');
    const url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hooks`;
    const order = { subscriptionId: 'sub_cars', topicId: 'cars_chosen', endpoint: { url } };
    const ordered = await fetch(`${product.url}/exchange/v1/subscriptions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${tokens.city_bank}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ ...order, from: { kind: 'place', after: null } }),
    });
    expect(await ordered.json()).to.include({ status: 'active' });
    await publish('cars_chosen', 'taken');
    // Its success is recorded before the failure of the other.
    const isRecorded = async (): Promise<boolean> => {
      const response = await fetch(`${product.url}/admin/v1/endpoints/sub_cars`, {
        headers: { authorization: `Bearer ${operator}` },
      });
      const { recent } = (await response.json()) as { recent?: { attempts?: number } };
      return recent?.attempts === 1;
    };
    await until(isRecorded);
    expect(taken).to.equal(1);
    await publish('cars_chosen', 'refused');
    const agency = await register('agency');
    await admin('PUT', '/admin/v1/topics/cars_chosen/grants/agency', { history: 'all' });
    const pulled = await fetch(`${product.url}/exchange/v1/topics/cars_chosen/publications`, {
      headers: { authorization: `Bearer ${agency}` },
    });
    expect(((await pulled.json()) as { items: unknown[] }).items).to.have.length(2);

    const guide = readFileSync(join(packageRoot, 'docs/guides/watching-deliveries.md'), 'utf8');
    let sent = 0;
    for (const [, path = '', shown = ''] of guide.matchAll(
      /```http\nGET (\S+)\n```\n```json\n([\s\S]*?)```/g,
    )) {
      const token = path.startsWith('/admin') ? operator : tokens.motor_house;
      const ask = async (): Promise<unknown> => {
        const response = await fetch(`${product.url}${path}`, {
          headers: { authorization: `Bearer ${token}` },
        });
        return response.json();
      };
      // The attempts are made, recorded and searchable a moment later.
      const giveUpAt = performance.now() + 30_000;
      for (;;) {
        const answer = await ask();
        try {
          expect(answer, path).to.containSubset(JSON.parse(shown));
          break;
        } catch (error) {
          if (performance.now() > giveUpAt) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
      sent += 1;
    }
    expect(sent).to.equal(6);
  });

  describe('kopilka listen', () => {
    const listen = (topic: string, args: readonly string[], env = {}): Program =>
      start(cliMain, {
        folder,
        env: { KOPILKA_URL: product.url, KOPILKA_PARTNER_TOKEN: tokens.city_bank, ...env },
        args: ['listen', '--topic', topic, ...args],
      });
    const jsonLines = (text: string): { place: number; event: { id: string } }[] =>
      text
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { place: number; event: { id: string } });

    it('shows what comes, and goes on where it was left', async () => {
      await openTopic('listened');
      await publish('listened', 'a', 'b');
      const state = join(folder, 'listened.json');
      const first = listen('listened', ['--after', 'start', '--state', state]);
      const fromTheStart = /0 {2}\S+ \S+ {2}car\.chosen +id=a\n +1 {2}\S+ \S+ {2}car\.chosen +id=b/;
      await first.until((text) => fromTheStart.test(text));
      expect(first.text()).to.contain('Listening to listened as city_bank');
      first.signal('SIGINT');
      expect(await first.ended, first.text()).to.equal(0);
      expect(first.text()).to.contain(`The last place was 1, kept in ${state}.`);
      expect(first.text()).to.not.contain(tokens.city_bank);
      await publish('listened', 'c');
      const args = ['--state', state, '--json', '--limit', '1'];
      const second = listen('listened', args);
      const pulled = listen('listened', ['--after', 'start', '--pull', '--json', '--limit', '3']);
      expect(await second.ended, second.text()).to.equal(0);
      const [line] = jsonLines(second.text());
      expect([line?.place, line?.event.id]).to.deep.equal([2, 'c']);
      expect(await pulled.ended, pulled.text()).to.equal(0);
      const all = jsonLines(pulled.text()).map(({ place, event }) => [place, event.id]);
      expect(all).to.deep.equal([0, 1, 2].map((place) => [place, 'abc'[place]]));
    });

    it('says what is wrong, and what to do', async () => {
      const cases: readonly (readonly [readonly string[], object, number, RegExp])[] = [
        [[], { KOPILKA_PARTNER_TOKEN: 'kpp.demo.x.y' }, 4, /Check KOPILKA_PARTNER_TOKEN/],
        [[], {}, 4, /topic-not-found.*\nGET \/exchange\/v1\/topics/],
        [['--forward', 'http://localhost:1'], {}, 2, /no secret to sign with/],
      ];
      const outcomes = cases.map(async ([args, env, code, said]) => {
        const program = listen('nowhere', args, env);
        expect(await program.ended, program.text()).to.equal(code);
        expect(program.text()).to.match(said);
      });
      await Promise.all(outcomes);
    });
  });

  describe('at the end', () => {
    it('let a process stop soon that has streams open, and tell their readers', async () => {
      await openTopic('stopped');
      const url = `${product.url}/exchange/v1/topics/stopped/stream`;
      const reader = await openEventReader(url, tokens.city_bank);
      const stopped = product.stop();
      const end = await reader.next();
      expect(end).to.include({ type: 'end' });
      expect(end?.data).to.contain('"reason":"stopping"');
      expect(await reader.next()).to.equal(null);
      await stopped;
      expect(readFileSync(product.logFile, 'utf8')).to.contain('"clean":true');
    });
  });
});

const until = async (
  isSo: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> => {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > giveUpAt) throw new Error('it did not come to be in time');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
