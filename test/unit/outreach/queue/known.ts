/** Messages in hand, and what is known of their recipients: for tests of what is done with one. */
import type { MessageId, ProviderId, TenantId } from '../../../../domain/ids.js';
import { outreachRulesDefault } from '../../../../domain/consent/rules.js';
import { accepted, type Accepted } from '../../../../domain/message/message.js';
import { requestOf, type StoredRequest } from '../../../../projections/outbox/request.js';
import type { CarrierPool } from '../../../../workers/outreach/carriers.js';
import type { Knowledge } from '../../../../workers/outreach/knowledge.js';
import type { Loaded } from '../../../../workers/outreach/loaded.js';
import type { ChunkOf } from '../../../../workers/outreach/prepare.js';

export const noon = Date.parse('2026-05-04T12:00:00Z');
export const demo = 'demo' as TenantId;
export const north = 'north' as ProviderId;
export const idOf = (n: number) => n.toString(16).padStart(32, '0') as MessageId;
export const phoneHash = 'a'.repeat(64);

export const requested = (changes: Partial<Accepted> = {}): Accepted => ({
  ...{ messageId: idOf(1), class: 'marketing', requester: { kind: 'operator', id: 'owner' } },
  recipient: { userId: null, subject: 'addr_ada', addresses: { phone: phoneHash } },
  ...{ template: null, sealed: 'sealed', strategy: null, notBefore: null, lane: 0 },
  steps: [{ channel: 'sms', until: 'delivered', waitSeconds: 60 }],
  expiresAt: new Date(noon + 3_600_000).toISOString(),
  ...changes,
});

/** Accepted at noon. */
export const inHand = (changes: Partial<Accepted> = {}): Loaded => {
  const data = requested(changes);
  return {
    ...{ messageId: data.messageId, message: accepted(data, noon), digested: [] },
    request: JSON.parse(JSON.stringify(requestOf(data))) as StoredRequest,
    ...{ since: noon, state: 'busy' },
  };
};

/** Everything that is needed to send an SMS of its own words. */
export const known = (changes: Partial<Knowledge> = {}): Knowledge => ({
  opened: () => ({ addresses: { phone: '+37120000000' }, text: { text: 'Good day' } }) as never,
  addresses: () => ({ phone: { kind: 'phone', phone: '+37120000000' } }) as never,
  ...{
    language: () => null,
    isTooEarly: () => false,
    hash: () => phoneHash,
    endedBy: () => ['addr_ada'],
  },
  ...{ suppression: () => null, consent: () => ({ state: 'given', since: noon - 1 }) },
  ...{ sent: () => [], digested: () => null, linkKey: Buffer.alloc(32), asOf: '1' },
  ...changes,
});

export const chunkOf = (changes: Partial<ChunkOf> = {}): ChunkOf => ({
  ...{ tenant: demo, class: 'marketing', channel: 'sms', rules: outreachRulesDefault },
  ...changes,
});

/** One provider that takes everything. */
export const carrying = (changes: Partial<CarrierPool> = {}): CarrierPool =>
  ({
    route: () => ({
      ...{ kind: 'chosen', cost: null, isProbe: false },
      decision: { version: 1, rule: null, chosen: north, candidates: [] },
    }),
    tellsNoMore: () => false,
    silenceSeconds: () => undefined,
    batchMax: () => 100,
    giveBack: () => undefined,
    slot: () => Promise.resolve(() => undefined),
    ready: () => Promise.resolve(),
    ...changes,
  }) as CarrierPool;
