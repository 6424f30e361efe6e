/** E-mail that comes back: out to a mail server, back in by HTTP and by the command line, and what follows from it in the product. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../../bench/cleanup.js';
import { cliMain, type Product, startProduct } from '../../../bench/product/product.js';
import { eventually } from '../../unit/workers/eventually.js';
import { bounceOf, complaintOf, type KeptLetter, type MailRoom, openMailRoom } from './mailRoom.js';

type Json = Record<string, unknown>;

describe('e-mail that comes back, in the product', function () {
  this.timeout(180_000);
  const faults: unknown[] = [];
  const token = 'a-token-of-at-least-thirty-two-letters';
  const otherToken = 'another-token-of-thirty-two-letters-';
  let cleanup: Cleanup;
  let product: Product;
  let mail: MailRoom;
  let owner = '';
  let messenger = '';

  const send = async (method: string, path: string, by: string, body?: unknown) => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        ...(by === '' ? {} : { authorization: `Bearer ${by}` }),
        'idempotency-key': randomUUID(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as Json;
    expect(response.status, `${method} ${path}: ${JSON.stringify(answer)}`).to.be.below(300);
    return answer;
  };

  const report = async (letter: string, by = token, to = 'demo/mail_main') => {
    const response = await fetch(`${product.url}/outreach/v1/callbacks/${to}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${by}`, 'content-type': 'message/rfc822' },
      body: letter,
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, body: (await response.json()) as Json };
  };

  const byCommandLine = async (letter: string) => {
    const child = spawn(
      process.execPath,
      [cliMain, 'bounce', '--provider', 'mail_main', '--data', product.dataDir],
      { env: { ...process.env, KOPILKA_BOUNCE_TOKEN: token }, timeout: 20_000 },
    );
    let said = '';
    child.stdout.on('data', (piece: Buffer) => (said += piece.toString()));
    child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
    child.stdin.end(letter);
    const [code] = (await once(child, 'close')) as [number];
    return { code, said };
  };

  const ask = async (email: string, more: Json = {}): Promise<string> => {
    const asked = await send('POST', '/outreach/v1/messages', messenger, {
      ...{ class: 'transactional', channel: 'email', providerId: 'mail_main' },
      ...{ recipient: { email }, text: { subject: 'Ten points', text: 'You have ten points.' } },
      ...more,
    });
    return String(asked['messageId']);
  };
  const letterTo = async (email: string, count = 1): Promise<KeptLetter> => {
    const found = () => mail.letters.filter(({ to }) => to === email);
    await eventually(() => expect(found(), email).to.have.length(count), 60_000);
    return found()[count - 1] as KeptLetter;
  };
  const timelineOf = (messageId: string) =>
    send('GET', `/admin/v1/outreach/messages/${messageId}/timeline`, owner);
  const stands = (messageId: string, status: string) =>
    eventually(async () => expect(await timelineOf(messageId)).to.include({ status }), 60_000);
  const suppressionOf = async (email: string) => {
    const path = '/admin/v1/outreach/suppressions/search';
    const found = await send('POST', path, owner, { channel: 'email', address: { email } });
    return found['suppressed'] as Json | null;
  };

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    mail = await openMailRoom();
    product = await startProduct({
      ...{ dataDir: cleanup.folder('bounces'), cleanup },
      env: { KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' },
    });
    const { login, password } = product.operator;
    const logon = { tenant: 'demo', login, password };
    owner = String((await send('POST', '/pos/v1/logon', '', logon))['token']);
    await send('POST', '/admin/v1/partners', owner, { partnerId: 'motor_house', name: 'Motors' });
    const credentials = { label: 'test', roles: ['messenger'] };
    const path = '/admin/v1/partners/motor_house/credentials';
    messenger = String((await send('POST', path, owner, credentials))['token']);
    const registered = (providerId: string, bounceToken: string, waitSeconds: number) =>
      send('POST', '/admin/v1/outreach/providers', owner, {
        ...{ providerId, kind: 'smtp', channel: 'email', secrets: { bounceToken } },
        settings: {
          ...{ host: '127.0.0.1', port: mail.port, security: 'none' },
          from: { address: 'shop@shop.example', name: 'The shop' },
          bounces: { address: 'bounces@mail.shop.example', waitSeconds, confirmations: true },
        },
      });
    await registered('mail_main', token, 3_600);
    await registered('mail_other', otherToken, 1);
  });
  after(async () => {
    await mail?.close();
    await cleanup?.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  let bounced: { readonly messageId: string; readonly letter: KeptLetter };

  it('goes out with what its reports are joined by', async () => {
    const messageId = await ask('ada@nowhere.example');
    const letter = await letterTo('ada@nowhere.example');
    expect(letter.from).to.match(/^bounces\+[a-z2-7]{42}1@mail\.shop\.example$/);
    expect(letter.envelopeId).to.equal(
      letter.from.slice('bounces+'.length, letter.from.indexOf('@')),
    );
    expect(letter.notify).to.have.members(['SUCCESS', 'FAILURE', 'DELAY']);
    expect(letter.originalRecipient).to.equal('rfc822;ada@nowhere.example');
    expect(letter.messageId).to.match(
      new RegExp(`^<${messageId}-1\\.[a-z2-7]{16}@shop\\.example>$`),
    );
    await stands(messageId, 'inProgress');
    bounced = { messageId, letter };
  });

  it('is taken of nobody who is not let in, and not of another provider', async () => {
    const letter = bounceOf(bounced.letter, 'failed', '5.1.1');
    expect((await report(letter, 'a guess')).status).to.equal(401);
    expect((await report(letter, otherToken)).status).to.equal(401);
    expect((await report(letter, token, 'demo/mail_other')).status).to.equal(401);
    expect((await report(letter, token, 'demo/mail_none')).status).to.equal(404);
    expect((await report(letter, token, 'elsewhere/mail_main')).status).to.equal(404);
    const foreign = await report(letter, otherToken, 'demo/mail_other');
    expect(foreign.status).to.equal(400);
    expect(JSON.stringify(foreign.body['faults'])).to.include('not-ours');
    expect(await timelineOf(bounced.messageId)).to.include({ status: 'inProgress' });
  });

  it('did not arrive, and its address is left alone', async () => {
    const { messageId, letter } = bounced;
    const bounce = bounceOf(letter, 'failed', '5.1.1');
    for (let times = 0; times < 2; times += 1) {
      expect(await report(bounce)).to.deep.equal({ status: 200, body: { taken: 1 } });
    }
    await stands(messageId, 'undelivered');
    const steps = (await timelineOf(messageId))['steps'] as Json[];
    const receipts = steps.filter(({ type }) => type === 'ReceiptsRecorded');
    expect(receipts).to.have.length(1);
    expect(receipts[0]).to.include({ code: 'recipientPermanent' });
    expect(receipts[0]?.['sentence']).to.equal('Attempt 1: mail_main reports that it came back.');
    expect(JSON.stringify(steps)).to.include('5.1.1').and.not.include('nowhere.example');
    await eventually(async () => {
      expect(await suppressionOf('ada@nowhere.example')).to.include({
        ...{ reason: 'unreachable', detail: 'bounce 5.1.1' },
      });
    }, 60_000);
    const next = await ask('ada@nowhere.example', { class: 'marketing' });
    await stands(next, 'suppressed');
    expect(mail.letters.filter(({ to }) => to === 'ada@nowhere.example')).to.have.length(1);
  });

  it('is delivered where a server says so, and on its way where one is late', async () => {
    const arrived = await ask('bob@there.example');
    const late = await ask('carl@asleep.example');
    const relayed = bounceOf(await letterTo('bob@there.example'), 'delivered', '2.1.5');
    const delayed = bounceOf(await letterTo('carl@asleep.example'), 'delayed', '4.4.1');
    expect((await report(relayed)).status).to.equal(200);
    expect((await report(delayed)).status).to.equal(200);
    await stands(arrived, 'delivered');
    await eventually(async () => {
      expect(JSON.stringify(await timelineOf(late))).to.include('it is on its way still');
    }, 60_000);
    expect(await timelineOf(late)).to.include({ status: 'inProgress' });
  });

  it('counts as delivered where nothing comes back, and says so where something does later', async () => {
    const messageId = await ask('dora@full.example', { providerId: 'mail_other' });
    const letter = await letterTo('dora@full.example');
    await stands(messageId, 'delivered');
    const bounce = bounceOf(letter, 'failed', '5.2.2');
    expect((await report(bounce, otherToken, 'demo/mail_other')).status).to.equal(200);
    await eventually(async () => {
      const { steps, status } = (await timelineOf(messageId)) as { steps: Json[]; status: string };
      expect(status).to.equal('delivered');
      expect(steps.map(({ code }) => code)).to.include('nothing-came-back');
      expect(steps.at(-1)).to.deep.include({ type: 'ReceiptsRecorded', flags: ['late'] });
    }, 60_000);
    expect(await suppressionOf('dora@full.example')).to.equal(null);
  });

  it('comes in by the command line too: who complained is written to no more, but for what asks nobody', async () => {
    const messageId = await ask('eve@big.example');
    const letter = await letterTo('eve@big.example');
    const taken = await byCommandLine(complaintOf(letter));
    expect(taken).to.deep.equal({ code: 0, said: '1 report was taken in.\n' });
    await stands(messageId, 'delivered');
    expect(JSON.stringify(await timelineOf(messageId))).to.include(
      'the recipient complained of it',
    );
    await eventually(async () => {
      expect(await suppressionOf('eve@big.example')).to.include({
        ...{ reason: 'complained', detail: 'complaint abuse' },
      });
    }, 60_000);
    await stands(await ask('eve@big.example', { class: 'marketing' }), 'suppressed');
    await ask('eve@big.example');
    await letterTo('eve@big.example', 2);
  });

  it('says what is wrong with a letter that reports nothing', async () => {
    const letter = 'From: a@b.example\nSubject: Out of office\n\nI am away.\n';
    const refused = await byCommandLine(letter);
    expect(refused.code).to.equal(4);
    expect(refused.said).to.include('no-report: no part of it reports of a letter');
    expect((await report(letter)).status).to.equal(400);
  });
});
