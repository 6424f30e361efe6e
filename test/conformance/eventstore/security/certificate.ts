/**
 * A certificate for tests, made on the spot: self-signed, for localhost, with a key on the curve P-256. Node signs but
 * makes no X.509, so the few structures that one needs are written here in DER.
 */
import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

const TAG = { integer: 2, bits: 3, octets: 4, oid: 6, utf8: 12, time: 23, sequence: 48, set: 49 };

const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), body]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), body]);
};

const sequence = (...parts: Buffer[]): Buffer => der(TAG.sequence, ...parts);
/** Explicitly tagged, as optional fields are. */
const tagged = (number: number, part: Buffer): Buffer => der(0xa0 | number, part);

const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(TAG.oid, Buffer.from(bytes));
};

const time = (date: Date): Buffer =>
  der(TAG.time, Buffer.from(`${date.toISOString().slice(2, 19).replace(/[-:T]/g, '')}Z`));

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

const nameOf = (commonName: string): Buffer =>
  sequence(der(TAG.set, sequence(oid('2.5.4.3'), der(TAG.utf8, Buffer.from(commonName)))));

const extension = (id: string, isCritical: boolean, value: Buffer): Buffer =>
  sequence(oid(id), ...(isCritical ? [der(1, Buffer.from([0xff]))] : []), der(TAG.octets, value));

/** Names of the certificate: dNSName localhost, iPAddress 127.0.0.1. */
const LOCALHOST = sequence(
  der(0x82, Buffer.from('localhost')),
  der(0x87, Buffer.from([127, 0, 0, 1])),
);
const AUTHORITY = sequence(der(1, Buffer.from([0xff])));

const DAY_MS = 24 * 3600 * 1000;

const pem = (body: Buffer): string => {
  const lines = body
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
};

/** Certificate and key in PEM. The certificate is its own authority. */
export const selfSigned = (): { certificate: string; key: string } => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const name = nameOf('kopilka test');
  const serial = randomBytes(8);
  serial[0] = (serial[0]! & 0x3f) | 0x40; // positive, and no leading zero
  const body = sequence(
    tagged(0, der(TAG.integer, Buffer.from([2]))), // version 3
    der(TAG.integer, serial),
    ECDSA_WITH_SHA256,
    name,
    sequence(time(new Date(Date.now() - DAY_MS)), time(new Date(Date.now() + DAY_MS))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(
      3,
      sequence(extension('2.5.29.17', false, LOCALHOST), extension('2.5.29.19', true, AUTHORITY)),
    ),
  );
  const signature = createSign('sha256').update(body).sign(privateKey);
  const signed = der(TAG.bits, Buffer.from([0]), signature);
  return {
    certificate: pem(sequence(body, ECDSA_WITH_SHA256, signed)),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};
