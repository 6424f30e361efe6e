/**
 * Whether a message may be sent now, to this address, on this channel. Pure: what is known of the recipient is given, and the answer is
 * recorded with the attempt, so that it can be told later why somebody was written to, or was not.
 *
 * The order: an address where nothing arrives, then what the recipient said, then the hours, then how often. The first two end the matter
 * on this channel, the last two only put it off.
 */
import { type Channel, classRules, type MessageClass } from '../message/kinds.js';
import { isTimeZone } from '../pricing/localTime.js';
import type { ConsentClass } from './consent.js';
import { quietUntil } from './quiet.js';
import type { Cap, OutreachRules } from './rules.js';
import type { SuppressionReason } from './suppression.js';

/** When something was sent to the recipient that counts for caps. */
export interface Sent {
  readonly channel: Channel;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface PermissionAsked {
  readonly class: MessageClass;
  readonly channel: Channel;
  readonly rules: OutreachRules;
  /** The last word of the recipient on this channel and class; null: none. `since` in milliseconds. */
  readonly consent: { readonly state: 'given' | 'withdrawn'; readonly since: number } | null;
  /** Of the address on this channel. */
  readonly suppression: { readonly reason: SuppressionReason } | null;
  /** On all channels, in any order; what is older than the longest window may be left out. */
  readonly sent: readonly Sent[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The recipient's; null or unknown to the runtime: the programme's. */
  readonly timeZone: string | null;
}

export type PermissionAnswer =
  | {
      readonly kind: 'allowed';
      readonly basis: 'class' | 'consent' | 'no-objection';
      /** Of the consent, milliseconds since the epoch. */
      readonly since?: number;
    }
  /** Ask again then; it may be put off further. */
  | {
      readonly kind: 'hold';
      /** Milliseconds since the epoch, later than `now`. */
      readonly until: number;
      readonly reason: 'quiet-hours' | 'frequency-cap';
      readonly detail: string;
    }
  | {
      readonly kind: 'suppressed';
      readonly reason: 'address-suppressed' | 'consent-withdrawn' | 'no-consent';
      readonly detail: string;
    };

export const permissionOf = (asked: PermissionAsked): PermissionAnswer => {
  const { class: of, channel, suppression } = asked;
  const { obeysConsent, obeysQuietHours, isCapped } = classRules[of];
  if (suppression && (obeysConsent || suppression.reason !== 'complained')) {
    const detail = `the address is left alone on ${channel}: ${suppression.reason}`;
    return { kind: 'suppressed', reason: 'address-suppressed', detail };
  }
  const basis = obeysConsent
    ? basisOf(asked, of as ConsentClass)
    : ({ kind: 'allowed', basis: 'class' } as const);
  if (basis.kind === 'suppressed') return basis;
  const quiet = obeysQuietHours ? quietHold(asked) : null;
  if (quiet) return quiet;
  return (isCapped ? capHold(asked) : null) ?? basis;
};

const basisOf = (
  { consent, channel, rules }: PermissionAsked,
  of: ConsentClass,
): Extract<PermissionAnswer, { readonly kind: 'allowed' | 'suppressed' }> => {
  if (consent?.state === 'given') {
    return { kind: 'allowed', basis: 'consent', since: consent.since };
  }
  if (consent?.state === 'withdrawn') {
    const since = new Date(consent.since).toISOString();
    const detail = `the recipient wants no ${of} on ${channel} since ${since}`;
    return { kind: 'suppressed', reason: 'consent-withdrawn', detail };
  }
  if (!rules.askFirst[of]) return { kind: 'allowed', basis: 'no-objection' };
  const detail = `the recipient did not agree to ${of} on ${channel}`;
  return { kind: 'suppressed', reason: 'no-consent', detail };
};

/** The programme's zone was checked when its rules were set; here it may be one of another runtime's. */
export const zoneOf = (timeZone: string | null, rules: Pick<OutreachRules, 'timeZone'>): string =>
  [timeZone, rules.timeZone].find((zone) => zone !== null && isTimeZone(zone)) ?? 'UTC';

const quietHold = ({ rules, now, timeZone }: PermissionAsked): PermissionAnswer | null => {
  const { quietHours } = rules;
  if (!quietHours) return null;
  const zone = zoneOf(timeZone, rules);
  const until = quietUntil(quietHours, now, zone);
  if (until === null) return null;
  const detail = `quiet from ${quietHours.from} to ${quietHours.to} in ${zone}`;
  return { kind: 'hold', until, reason: 'quiet-hours', detail };
};

/** When the cap lets the next one through: as the oldest that still counts leaves the window. Null: now. */
const capUntil = (cap: Cap, { channel, sent, now }: PermissionAsked): number | null => {
  if (cap.channel !== null && cap.channel !== channel) return null;
  const windowMs = cap.perSeconds * 1_000;
  const counted = sent
    .filter((one) => (cap.channel === null || one.channel === channel) && one.at > now - windowMs)
    .map(({ at }) => at)
    .sort((one, other) => one - other);
  const oldest = counted[counted.length - cap.max];
  return oldest === undefined ? null : oldest + windowMs;
};

const capHold = (asked: PermissionAsked): PermissionAnswer | null => {
  let latest: { readonly cap: Cap; readonly until: number } | null = null;
  for (const cap of asked.rules.caps) {
    const until = capUntil(cap, asked);
    if (until !== null && until > (latest?.until ?? -Infinity)) latest = { cap, until };
  }
  if (!latest) return null;
  const { cap, until } = latest;
  const where = cap.channel ?? 'all channels';
  const detail = `${cap.max} in ${cap.perSeconds} s on ${where} were sent`;
  return { kind: 'hold', until, reason: 'frequency-cap', detail };
};
