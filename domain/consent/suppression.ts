/**
 * One address on one channel that is left alone. Invariant: it is, or it is not; the address itself is never here, only its hash.
 *
 * Why it is left alone says who obeys: an address that can receive nothing is spared by every class, a complaint by those that ask.
 */
import { type Static, Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import type { TenantId } from '../ids.js';
import { Channel } from '../message/kinds.js';
import { streamName } from '../stream.js';

/** `address`: its hash, see recipient.addresses of a message. */
export const suppressionStream = (tenant: TenantId, channel: Channel, address: string) =>
  streamName('suppression', tenant, `${channel}_${address}`);

export const suppressionReasons = ['unreachable', 'complained', 'operator'] as const;
export const SuppressionReason = Type.Union(
  suppressionReasons.map((name) => Type.Literal(name)),
  {
    description:
      'unreachable: the provider says that nothing arrives there; complained: the recipient objected, messages that ask nobody still go; operator: nothing goes there',
  },
);
export type SuppressionReason = (typeof suppressionReasons)[number];

export const AddressHash = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'HMAC-SHA256 of the address under the key of the tenant',
});

const place = { channel: Channel, address: AddressHash };
const Detail = Type.Optional(Type.String({ maxLength: 500 }));

// These names are the storage format: proof-read, version with care.
export const AddressSuppressed = event('AddressSuppressed', {
  ...place,
  reason: SuppressionReason,
  /** A code of the provider, a word of the operator; nothing personal. */
  detail: Detail,
});
export const AddressReleased = event('AddressReleased', { ...place, detail: Detail });

export const suppressionEvents = [AddressSuppressed, AddressReleased] as const;
export type SuppressionEvent = EventOf<(typeof suppressionEvents)[number]>;
export type Place = Static<typeof AddressReleased.schema>;

export type Suppression =
  | { readonly status: 'free' }
  | {
      readonly status: 'suppressed';
      readonly reason: SuppressionReason;
      readonly detail?: string;
      /** Milliseconds since the epoch. */
      readonly since: number;
    };

export const suppression: Aggregate<Suppression, SuppressionEvent> = {
  category: 'suppression',
  initial: () => ({ status: 'free' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'AddressSuppressed': {
        const { reason, detail } = event.data;
        const words = detail === undefined ? {} : { detail };
        return { status: 'suppressed', reason, ...words, since: event.occurredAt };
      }
      case 'AddressReleased':
        return { status: 'free' };
      default:
        return unreachable(event);
    }
  },
};

/** What weighs more stays: a complaint about an address where nothing arrives does not make it reachable. */
const weight: Readonly<Record<SuppressionReason, number>> = {
  complained: 1,
  unreachable: 2,
  operator: 3,
};

export const suppressAddress = (
  command: EventOf<typeof AddressSuppressed>['data'],
  state: Suppression,
): SuppressionEvent[] => {
  if (state.status === 'suppressed' && weight[state.reason] >= weight[command.reason]) return []; // already carried out
  return [{ type: 'AddressSuppressed', data: command }];
};

export const releaseAddress = (command: Place, state: Suppression): SuppressionEvent[] =>
  state.status === 'free' ? [] : [{ type: 'AddressReleased', data: command }];
