/** Web push, against a push service on loopback that decrypts what it is given. */
import { createECDH, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import type * as WebPush from 'web-push';
import type { Address } from '../../../domain/message/address.js';
import type { SendResult } from '../../../workers/outreach/providers/port.js';
import { keepsTheContract } from './contract.js';
import { type Asked, openHttpPeer, type Told } from './httpPeer.js';
import { openTo, outgoing, type Peer } from './peer.js';

const require = createRequire(import.meta.url);
const webPush = require('web-push') as typeof WebPush;
/** What web-push encrypts with. */
const ece = createRequire(require.resolve('web-push'))('http_ece') as {
  decrypt(body: Buffer, options: object): Buffer;
};
const vapid = webPush.generateVAPIDKeys();

const browser = () => {
  const keys = createECDH('prime256v1');
  keys.generateKeys();
  const auth = randomBytes(16);
  return {
    keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') },
    read: (body: Buffer) =>
      JSON.parse(
        ece.decrypt(body, { version: 'aes128gcm', privateKey: keys, authSecret: auth }).toString(),
      ) as { title: string; body: string; tag: string; link?: string },
  };
};

const openService = async (answer: (asked: Asked) => Told = () => ({ status: 201 })) => {
  const reader = browser();
  const peer = await openHttpPeer((asked, mode) => {
    if (mode === 'account') return { status: 403, body: `Not ${vapid.privateKey}` };
    return asked.path === '/gone' ? { status: 410 } : answer(asked);
  });
  const push = (path: string): Address => ({
    ...{ kind: 'push', endpoint: `${peer.url}${path}`, keys: reader.keys },
  });
  const whole: Peer & { asked: Asked[]; reader: typeof reader } = {
    ...{ ...peer, reader, kind: 'webpush', channel: 'push', garbage: 'unknownOutcome' },
    settings: {
      ...{ subject: 'mailto:push@kopilka.example', publicKey: vapid.publicKey },
      pushServices: ['127.0.0.1'],
    },
    secrets: { privateKey: vapid.privateKey },
    good: (n) => push(`/p${n}`),
    bad: push('/gone'),
    refusedNetwork: 'recipientPermanent',
    taken: () =>
      peer.asked.filter(({ path }) => path !== '/gone').map(({ body }) => reader.read(body).tag),
  };
  return whole;
};

describe('web push', () => {
  keepsTheContract(() => openService());

  const opened: { close(): Promise<void> }[] = [];
  const open = async (answer?: (asked: Asked) => Told, settings: object = {}) => {
    const peer = await openService(answer);
    const provider = openTo({ ...peer, settings: { ...peer.settings, ...settings } });
    opened.push(provider, peer);
    return { peer, ...provider };
  };
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  const soon = () => AbortSignal.timeout(10_000);
  const classOf = (result: SendResult | undefined) =>
    result?.outcome === 'refused' ? `${result.errorClass} ${result.code}` : result?.outcome;

  it('reaches the browser encrypted, signed and as urgent as it is', async () => {
    const { provider, peer } = await open();
    const content = { subject: 'Ten points', text: 'Grüße', link: 'https://shop.example/' };
    const message = outgoing(peer.good(1), 1, { class: 'otp', content });
    expect(classOf((await provider.send([message], soon()))[0])).to.equal('submitted');
    const { headers, body } = peer.asked[0] as Asked;
    expect(peer.reader.read(body)).to.deep.equal({
      ...{ title: 'Ten points', body: 'Grüße', link: 'https://shop.example/', tag: 'ref1' },
    });
    expect(headers).to.include({ 'content-encoding': 'aes128gcm', urgency: 'high' });
    expect(Number(headers['ttl'])).to.be.within(50, 60);
    const token = /t=([^,]+)/.exec(String(headers.authorization))?.[1] ?? '';
    expect(jwt.decode(token)).to.include({ sub: 'mailto:push@kopilka.example' });
  });

  it('takes what push services answer for what it means', async () => {
    const statuses = [404, 413, 429, 400, 503, 500, 502];
    const results: SendResult[] = [];
    const { provider, peer } = await open(() => ({
      ...{ status: statuses.shift() ?? 201, headers: { 'retry-after': '3' } },
    }));
    while (statuses.length > 0) {
      results.push(...(await provider.send([outgoing(peer.good(1))], soon())));
    }
    expect(results.map(classOf)).to.deep.equal([
      'recipientPermanent 404',
      'contentPermanent 413',
      'throttled 429',
      'contentPermanent 400',
      'transient 503',
      'unknownOutcome 500',
      'unknownOutcome 502',
    ]);
    expect(results[2]).to.include({ retryAfterMs: 3_000 });
  });

  it('calls nobody but push services, and none with keys that are none', async () => {
    const { provider, peer } = await open(undefined, { pushServices: ['push.example'] });
    const wrong = { p256dh: 'x', auth: 'y' };
    const elsewhere = await provider.send([outgoing(peer.good(1))], soon());
    const second = await open();
    const keys = { kind: 'push', endpoint: `http://127.0.0.1:1/x`, keys: wrong } as const;
    const refused = await second.provider.send([outgoing(keys)], soon());
    expect([...elsewhere, ...refused].map(classOf)).to.deep.equal([
      'recipientPermanent unknown-service',
      'recipientPermanent keys',
    ]);
    expect(peer.asked).to.deep.equal([]);
  });

  it('does not send what is too large for a notification', async () => {
    const { provider, peer } = await open();
    const content = { text: 'x'.repeat(4_000) };
    const [result] = await provider.send([outgoing(peer.good(1), 1, { content })], soon());
    expect(classOf(result)).to.equal('contentPermanent too-large');
  });
});
