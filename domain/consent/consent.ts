/**
 * What one recipient agreed to hear, by channel and class. Invariant: the last word counts, every word before it stays with its time and
 * source, so that it can be proven for ever what held at a moment.
 *
 * The recipient is whose key seals what is personal: an account by its number, an address without account by a hash of it.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import type { TenantId } from '../ids.js';
import { Channel } from '../message/kinds.js';
import { streamName } from '../stream.js';

export const consentStream = (tenant: TenantId, subject: string) =>
  streamName('consent', tenant, subject);

/** The classes that ask; the others are said to everybody (see message/kinds.ts). */
export const consentClasses = ['service', 'marketing'] as const;
export const ConsentClass = Type.Union(
  consentClasses.map((name) => Type.Literal(name)),
  { description: 'Classes of messages that obey what their recipient agreed to' },
);
export type ConsentClass = (typeof consentClasses)[number];

/** An account's number, or `addr_` and the first 40 hex digits of the hash of an address. */
export const ConsentSubject = Type.String({
  pattern: '^([0-9]{25}|addr_[0-9a-f]{40})$',
  examples: ['3000000000000000000000017'],
});

/** @param address hash of the one that is written to, where the recipient has no account. */
export const consentSubject = (userId: string | null, address: string): string =>
  userId ?? `addr_${address.slice(0, 40)}`;

/** How it became known: never anything personal, since it stays in the log in clear. */
export const ConsentSource = Type.Object(
  {
    kind: Type.String({
      pattern: '^[a-z][a-z0-9-]{1,39}$',
      description: 'form, call, unsubscribe-link, import …',
      examples: ['form'],
    }),
    detail: Type.Optional(
      Type.String({
        maxLength: 500,
        description: 'Which form, which version of its text; nothing personal',
        examples: ['Registration, text of 2026-03'],
      }),
    ),
  },
  { additionalProperties: false },
);
export type ConsentSource = Static<typeof ConsentSource>;

const about = {
  subject: ConsentSubject,
  channel: Channel,
  class: ConsentClass,
  source: ConsentSource,
};

// These names are the storage format: proof-read, version with care.
export const ConsentGiven = event('ConsentGiven', about);
export const ConsentWithdrawn = event('ConsentWithdrawn', about);

export const consentEvents = [ConsentGiven, ConsentWithdrawn] as const;
export type ConsentEvent = EventOf<(typeof consentEvents)[number]>;

export interface ConsentChange {
  readonly channel: Channel;
  readonly class: ConsentClass;
  readonly state: 'given' | 'withdrawn';
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly source: ConsentSource;
}
/** The oldest first. */
export type Consents = readonly ConsentChange[];

export const consents: Aggregate<Consents, ConsentEvent> = {
  category: 'consent',
  initial: () => [],
  evolve: (state, event) => {
    const { channel, class: of, source } = event.data;
    const change = { channel, class: of, source, since: event.occurredAt };
    switch (event.type) {
      case 'ConsentGiven':
        return [...state, { ...change, state: 'given' }];
      case 'ConsentWithdrawn':
        return [...state, { ...change, state: 'withdrawn' }];
      default:
        return unreachable(event);
    }
  },
};

type About = Pick<ConsentChange, 'channel' | 'class'>;

/** The last word, null where there was none. */
export const consentOf = (state: Consents, { channel, class: of }: About): ConsentChange | null =>
  state.findLast((change) => change.channel === channel && change.class === of) ?? null;

/** The last word on each channel and class as of `at` (milliseconds, included). */
export const consentsAt = (state: Consents, at: number): Consents => {
  const known = new Map<string, ConsentChange>();
  for (const change of state) {
    if (change.since <= at) known.set(`${change.channel} ${change.class}`, change);
  }
  return [...known.values()];
};

export interface SetConsents {
  readonly subject: string;
  readonly channels: readonly Channel[];
  readonly classes: readonly ConsentClass[];
  readonly source: ConsentSource;
}

const changed = (
  type: ConsentEvent['type'],
  { subject, channels, classes, source }: SetConsents,
  state: Consents,
): ConsentEvent[] => {
  const wanted = type === 'ConsentGiven' ? 'given' : 'withdrawn';
  return channels.flatMap((channel) =>
    classes
      .filter((of) => consentOf(state, { channel, class: of })?.state !== wanted)
      .map((of) => ({ type, data: { subject, channel, class: of, source } })),
  );
};

export const giveConsents = (command: SetConsents, state: Consents): ConsentEvent[] =>
  changed('ConsentGiven', command, state);

/** Also where nothing was ever given: that is how somebody objects to what needs no consent. */
export const withdrawConsents = (command: SetConsents, state: Consents): ConsentEvent[] =>
  changed('ConsentWithdrawn', command, state);
