/** How much a partner may publish on all of its topics together. In a stream of its own: it is set by operators, and often. */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf } from '../event.js';
import type { PartnerId, TenantId } from '../ids.js';
import { streamName } from '../stream.js';

export const partnerLimitsStream = (tenant: TenantId, id: PartnerId) =>
  streamName('partnerLimits', tenant, id);

// These names are the storage format: proof-read, version with care.
export const PartnerLimitsSet = event('PartnerLimitsSet', {
  eventsPerSecond: Type.Union([Type.Integer({ minimum: 1, maximum: 1_000_000 }), Type.Null()], {
    description: 'On all topics of the partner together; null: as many as come',
  }),
});

export const partnerLimitsEvents = [PartnerLimitsSet] as const;
export type PartnerLimits = EventOf<typeof PartnerLimitsSet>['data'];
type PartnerLimitsEvent = EventOf<typeof PartnerLimitsSet>;

export const partnerLimits: Aggregate<PartnerLimits, PartnerLimitsEvent> = {
  category: 'partnerLimits',
  initial: () => ({ eventsPerSecond: null }),
  evolve: (_state, event) => event.data,
};

export const setPartnerLimits = (
  { eventsPerSecond }: PartnerLimits,
  state: PartnerLimits,
): PartnerLimitsEvent[] =>
  eventsPerSecond === state.eventsPerSecond
    ? []
    : [{ type: 'PartnerLimitsSet', data: { eventsPerSecond } }];
