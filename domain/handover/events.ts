/**
 * What partners were handed on their own asking: by a pull, a stream or a search. What webhooks deliver is told in domain/delivery.
 *
 * One event tells of all that readers of a topic were handed within some milliseconds, each as ranges of places. It is recorded before
 * the answer leaves (commands/publication/handovers.ts), so whoever is in no event was handed nothing. No person is named: who asked is
 * a credential, or a user by an id that tells nobody who it is.
 */
import { type Static, Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import { CredentialId, PartnerId, PartnerUserId, type TenantId, type TopicId } from '../ids.js';
import { streamName } from '../stream.js';

/** Of a topic: its publications are in a stream of their own. */
export const handoversStream = (tenant: TenantId, id: TopicId) =>
  streamName('handovers', tenant, id);

const closed = { additionalProperties: false } as const;
const place = Type.Integer({ minimum: 0 });

export const HandoverWay = Type.Union([
  Type.Literal('pull'),
  Type.Literal('stream'),
  Type.Literal('search'),
]);
export type HandoverWay = Static<typeof HandoverWay>;

export const Handover = Type.Object(
  {
    partnerId: PartnerId,
    /** Of the program that asked. */
    credentialId: Type.Optional(CredentialId),
    /** The person who asked. */
    userId: Type.Optional(PartnerUserId),
    way: HandoverWay,
    /** Both included, in order, none touching another: of what was passed over nothing is in them. */
    ranges: Type.Array(Type.Object({ first: place, last: place }, closed), { minItems: 1 }),
  },
  closed,
);
export type Handover = Static<typeof Handover>;

// These names are the storage format: proof-read, version with care.
export const PublicationsHandedOver = event('PublicationsHandedOver', {
  handovers: Type.Array(Handover, { minItems: 1 }),
});

export const handoverEvents = [PublicationsHandedOver] as const;
export type HandoverEvent = EventOf<typeof PublicationsHandedOver>;
