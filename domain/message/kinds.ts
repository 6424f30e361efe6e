/**
 * What messages go through, where to, and how urgent they are. The classes are told apart by what they may ignore: a password for one time
 * waits for nobody and asks nobody, an advertisement obeys everything.
 */
import { type Static, Type } from '@sinclair/typebox';

const oneOf = <const Name extends string>(names: readonly Name[], description: string) =>
  Type.Union(
    names.map((name) => Type.Literal(name)),
    { description },
  );

export const channels = ['email', 'sms', 'push', 'telegram', 'whatsapp', 'viber'] as const;
export const Channel = oneOf(channels, 'How a message reaches its recipient');
export type Channel = (typeof channels)[number];

export const addressKinds = ['email', 'phone', 'push', 'telegram'] as const;
export type AddressKind = (typeof addressKinds)[number];

/** The kind of address that a channel needs. */
export const addressKindOf: Readonly<Record<Channel, AddressKind>> = {
  email: 'email',
  sms: 'phone',
  push: 'push',
  telegram: 'telegram',
  whatsapp: 'phone',
  viber: 'phone',
};

/** Most urgent first. */
export const messageClasses = ['otp', 'transactional', 'service', 'marketing'] as const;
export const MessageClass = oneOf(messageClasses, 'How urgent it is, and what it has to obey');
export type MessageClass = (typeof messageClasses)[number];

export interface ClassRules {
  /** How long it is worth sending unless the request says so; a campaign's messages say it themselves. */
  readonly validSeconds: number;
  /** The longest that a request may say. */
  readonly validSecondsMax: number;
  readonly obeysQuietHours: boolean;
  /** Opt-outs and missing consent. Addresses that can receive nothing are left alone by every class. */
  readonly obeysConsent: boolean;
  readonly isCapped: boolean;
}

const minute = 60;
const day = 86_400;
const asksNobody = { obeysQuietHours: false, obeysConsent: false, isCapped: false };
const obeys = { obeysQuietHours: true, obeysConsent: true, isCapped: false };
export const classRules: Readonly<Record<MessageClass, ClassRules>> = {
  otp: { validSeconds: 5 * minute, validSecondsMax: 5 * minute, ...asksNobody },
  transactional: { validSeconds: day, validSecondsMax: 7 * day, ...asksNobody },
  service: { validSeconds: 2 * day, validSecondsMax: 30 * day, ...obeys },
  marketing: { validSeconds: 7 * day, validSecondsMax: 90 * day, ...obeys, isCapped: true },
};

/** What a step of a strategy waits for before the next one has its turn. */
export const milestones = ['accepted', 'sent', 'delivered', 'read'] as const;
export const Milestone = oneOf(milestones, 'What has to happen for the next step to stay away');
export type Milestone = Static<typeof Milestone>;

/** What a provider's refusal means for the message, the address and the provider; every adapter maps its codes to one of these. */
export const errorClasses = [
  /** Obey its Retry-After; not an attempt. */
  'throttled',
  /** Back off, then the next provider. */
  'transient',
  /** The request was written and nothing came back: reconcile by client reference, never send again blindly. */
  'unknownOutcome',
  /** The next channel; the address is suppressed. */
  'recipientPermanent',
  /** Nobody will carry this text. */
  'contentPermanent',
  /** Credentials, balance: open the breaker, fail over. */
  'accountPermanent',
  /** Too late. */
  'expired',
] as const;
export const ErrorClass = oneOf(errorClasses, 'What a refusal means');
export type ErrorClass = (typeof errorClasses)[number];
