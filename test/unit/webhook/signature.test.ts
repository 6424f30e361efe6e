import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import {
  isGenuine,
  makeKeyPair,
  makeSecret,
  SecretUnusable,
  signatureHeaders,
  signatureOf,
} from '../../../workers/webhook/signature.js';

/** Published with the specification. */
const known = {
  signed: {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  },
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  v1: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  signing:
    'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
  verifying: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
  v1a: 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
};

describe('signatures of webhooks', () => {
  it('are HMAC-SHA256 as Node makes it, whatever the length of the secret and of what is signed', () => {
    for (const secretBytes of [24, 32, 64]) {
      const key = Buffer.from(Array.from({ length: secretBytes }, (_nothing, i) => 255 - i));
      for (const length of [0, 1, 16_000, 16_384, 100_000]) {
        const signed = {
          id: 'msg_выбор',
          timestamp: 1_614_265_330,
          body: Buffer.alloc(length, 'ж'),
        };
        const mac = createHmac('sha256', key).update(`${signed.id}.${signed.timestamp}.`);
        const wanted = `v1,${mac.update(signed.body).digest('base64')}`;
        expect(signatureOf(`whsec_${key.toString('base64')}`, signed)).to.equal(wanted);
      }
    }
  });

  it('are the published ones for the published secret and key', () => {
    expect(signatureOf(known.secret, known.signed)).to.equal(known.v1);
    expect(signatureOf(known.signing, known.signed)).to.equal(known.v1a);
    const now = known.signed.timestamp;
    expect(isGenuine([known.secret], known.v1, known.signed, now)).to.equal(true);
    expect(isGenuine([known.verifying], known.v1a, known.signed, now)).to.equal(true);
  });

  it('are accepted by an independent receiver', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (id, body) => {
        const secret = makeSecret();
        const timestamp = Math.floor(Date.now() / 1000);
        const headers = signatureHeaders([makeSecret(), secret], { id: `m${id}`, timestamp, body });
        new Webhook(secret).verify(body, headers);
      }),
      { numRuns: 50 },
    );
  });

  it('are one for each secret while it is rotated, and any of them is enough', () => {
    const { signing, verifying } = makeKeyPair();
    const [old, fresh] = [makeSecret(), makeSecret()];
    const signed = { id: 'msg_1', timestamp: 1_000, body: '{"a":1}' };
    const { 'webhook-signature': signatures } = signatureHeaders([fresh, old, signing], signed);
    expect(signatures.split(' ').map((one) => one.split(',')[0])).to.deep.equal([
      'v1',
      'v1',
      'v1a',
    ]);
    for (const key of [old, fresh, verifying]) {
      expect(isGenuine([key], signatures, signed, 1_000)).to.equal(true);
    }
    expect(isGenuine([makeSecret()], signatures, signed, 1_000)).to.equal(false);
  });

  it('are not those of another id, time or body', () => {
    const secret = makeSecret();
    const signed = { id: 'msg_1', timestamp: 1_000, body: 'a' };
    const signature = signatureOf(secret, signed);
    for (const other of [{ id: 'msg_2' }, { timestamp: 1_001 }, { body: 'b' }]) {
      expect(isGenuine([secret], signature, { ...signed, ...other }, 1_000)).to.equal(false);
    }
  });

  it('grow stale after five minutes, either way', () => {
    const secret = makeSecret();
    const signed = { id: 'msg_1', timestamp: 10_000, body: 'a' };
    const signature = signatureOf(secret, signed);
    for (const [now, fresh] of [
      [10_300, true],
      [9_700, true],
      [10_301, false],
      [9_699, false],
    ] as const) {
      expect(isGenuine([secret], signature, signed, now)).to.equal(fresh);
    }
  });

  it('of one kind are not checked by the key of the other, nor rubbish by any', () => {
    const now = known.signed.timestamp;
    expect(isGenuine([known.verifying], known.v1, known.signed, now)).to.equal(false);
    expect(isGenuine([known.secret], known.v1a, known.signed, now)).to.equal(false);
    for (const rubbish of ['', 'v1', 'v1,', 'v2,AAAA', 'v1,!!!!', 'v1a,AAAA']) {
      expect(isGenuine([known.secret, known.verifying], rubbish, known.signed, now)).to.equal(
        false,
      );
    }
  });

  it('need a secret of 24 to 64 bytes', () => {
    const signed = { id: 'a', timestamp: 1, body: '' };
    const bytes = (count: number) => `whsec_${Buffer.alloc(count, 7).toString('base64')}`;
    for (const secret of [
      bytes(23),
      bytes(65),
      'whsec_***',
      'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'whsk_AAAA',
    ]) {
      expect(() => signatureOf(secret, signed), secret).to.throw(SecretUnusable);
    }
    for (const secret of [bytes(24), bytes(64)]) signatureOf(secret, signed);
  });
});
