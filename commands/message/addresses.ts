/**
 * Addresses in one spelling, and their hashes: by these a message, a suppression and a consent are found without anybody's address being
 * read. The same address has one hash in the whole programme, that of a customer's phone and e-mail included.
 */
import { createHmac } from 'node:crypto';
import { type Static, Type } from '@sinclair/typebox';
import { type Address, addressText } from '../../domain/message/address.js';
import { type AddressKind, addressKinds } from '../../domain/message/kinds.js';
import { rejected } from '../../domain/rejected.js';
import { normalEmail, normalPhone } from '../contacts.js';

const closed = { additionalProperties: false } as const;
const base64url = (maxLength: number) =>
  Type.String({ pattern: '^[A-Za-z0-9_-]+={0,2}$', maxLength });

/** As a request names them. */
export const Addresses = Type.Object(
  {
    email: Type.Optional(Type.String({ maxLength: 254, examples: ['ada@example.com'] })),
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 100, description: 'Of the e-mail, for its heading' }),
    ),
    phone: Type.Optional(
      Type.String({ maxLength: 40, description: 'With + and the country code' }),
    ),
    push: Type.Optional(
      Type.Object(
        {
          endpoint: Type.String({ pattern: '^https://', maxLength: 2_000 }),
          keys: Type.Object({ p256dh: base64url(200), auth: base64url(60) }, closed),
        },
        { ...closed, description: "A browser's PushSubscription" },
      ),
    ),
    telegram: Type.Optional(
      Type.String({ pattern: '^-?[0-9]{1,20}$|^@[A-Za-z0-9_]{4,32}$', description: 'A chat' }),
    ),
  },
  closed,
);
export type Addresses = Static<typeof Addresses>;

export type AddressBook = Readonly<Partial<Record<AddressKind, Address>>>;

/** @throws Rejected invalid-contact */
export const addressBook = ({ email, name, phone, push, telegram }: Addresses): AddressBook => ({
  ...(email === undefined
    ? {}
    : { email: { kind: 'email', email: normalEmail(email), ...(name ? { name } : {}) } }),
  ...(phone === undefined ? {} : { phone: { kind: 'phone', phone: normalPhone(phone) } }),
  ...(push === undefined ? {} : { push: { kind: 'push', ...pushOf(push) } }),
  ...(telegram === undefined ? {} : { telegram: { kind: 'telegram', chatId: telegram } }),
});

const pushOf = (push: NonNullable<Addresses['push']>): NonNullable<Addresses['push']> => {
  if (URL.canParse(push.endpoint)) return push;
  throw rejected('invalid-contact', { kind: 'push', advice: 'give its endpoint as a URL' });
};

/** 64 hex digits. @param indexKey the tenant's. */
export const addressHash = (indexKey: Buffer, address: Address): string =>
  createHmac('sha256', indexKey)
    .update(`${address.kind}\n${addressText(address)}`)
    .digest('hex');

export const addressHashes = (
  indexKey: Buffer,
  book: AddressBook,
): Partial<Record<AddressKind, string>> =>
  Object.fromEntries(
    addressKinds.flatMap((kind) => {
      const address = book[kind];
      return address ? [[kind, addressHash(indexKey, address)]] : [];
    }),
  );
