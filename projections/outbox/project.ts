/**
 * From facts to what they say of the queue, message by message. Pure: what a message was before is looked up when it is written
 * (write.ts), since a journal tells only what became of it.
 */
import { type ConsentEvent, consentEvents } from '../../domain/consent/consent.js';
import { type SuppressionEvent, suppressionEvents } from '../../domain/consent/suppression.js';
import type { EventOf } from '../../domain/event.js';
import type { Fact, Position } from '../../domain/fact.js';
import type { MessageId } from '../../domain/ids.js';
import { type MessageAccepted, messageEvents, outboxEvents } from '../../domain/message/events.js';
import { type Accepted, type Change, changesOf } from '../../domain/message/message.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';

export const eventTypes = [messageEvents, outboxEvents, consentEvents, suppressionEvents]
  .flat()
  .map(({ type }) => type);

export interface ToldChange {
  /** Of the event, in the journal of the lane. */
  readonly revision: number;
  readonly change: Change;
}

/** What a batch says of one message. */
export interface Told {
  readonly tenant: string;
  readonly messageId: MessageId;
  /** Where it began within the batch. */
  readonly accepted: {
    readonly data: Accepted;
    readonly at: number;
    readonly position: Position;
  } | null;
  readonly changes: readonly ToldChange[];
}

export interface ToldLane {
  readonly tenant: string;
  readonly lane: number;
  /** Of the last event of its journal; -1: none yet. */
  readonly revision: number;
}

export interface ToldConsent {
  readonly tenant: string;
  readonly subject: string;
  readonly channel: string;
  readonly class: string;
  readonly state: 'given' | 'withdrawn';
  readonly since: number;
}

export interface ToldSuppression {
  readonly tenant: string;
  readonly channel: string;
  readonly address: string;
  /** Null: released. */
  readonly reason: string | null;
  readonly since: number;
}

/** Each thing once, as of the end of the batch. */
export interface OutboxChanges {
  readonly messages: readonly Told[];
  readonly lanes: readonly ToldLane[];
  readonly consents: readonly ToldConsent[];
  readonly suppressions: readonly ToldSuppression[];
}

type AcceptedFact = FactOf<EventOf<typeof MessageAccepted>>;

export const projectOutbox = (facts: readonly Fact[]): OutboxChanges => {
  const messages = new Map<string, Told & { readonly changes: ToldChange[] }>();
  const lanes = new Map<string, ToldLane>();
  const consents = new Map<string, ToldConsent>();
  const suppressions = new Map<string, ToldSuppression>();

  const laneAt = (tenant: string, lane: number, revision: number): void => {
    const key = `${tenant}.${lane}`;
    const known = lanes.get(key)?.revision ?? -1;
    lanes.set(key, { tenant, lane, revision: Math.max(known, revision) });
  };

  const accept = ({ metadata: { tenant }, data, recordedAt, position }: AcceptedFact): void => {
    const { messageId } = data;
    const accepted = { data, at: recordedAt, position };
    messages.set(`${tenant}.${messageId}`, { tenant, messageId, accepted, changes: [] });
    laneAt(tenant, data.lane, -1);
  };

  const journal = (fact: Fact): void => {
    const { tenant } = fact.metadata;
    const { revision } = fact;
    for (const { messageId, change } of changesOf(fact)) {
      const key = `${tenant}.${messageId}`;
      let told = messages.get(key);
      if (!told) messages.set(key, (told = { tenant, messageId, accepted: null, changes: [] }));
      told.changes.push({ revision, change });
    }
    laneAt(tenant, Number(ownerOf(fact)), revision);
  };

  const consent = (fact: FactOf<ConsentEvent>): void => {
    const { tenant } = fact.metadata;
    const { subject, channel, class: of } = fact.data;
    const state = fact.type === 'ConsentGiven' ? 'given' : 'withdrawn';
    const told = { tenant, subject, channel, class: of, state } as const;
    const key = `${tenant}.${subject}.${channel}.${of}`;
    consents.set(key, { ...told, since: occurredAtOf(fact) });
  };

  const suppression = (fact: FactOf<SuppressionEvent>): void => {
    const { tenant } = fact.metadata;
    const { channel, address } = fact.data;
    const reason = fact.type === 'AddressSuppressed' ? fact.data.reason : null;
    const since = occurredAtOf(fact);
    suppressions.set(`${tenant}.${channel}.${address}`, {
      tenant,
      channel,
      address,
      reason,
      since,
    });
  };

  for (const fact of facts) {
    switch (fact.type) {
      case 'MessageAccepted':
        accept(typed<EventOf<typeof MessageAccepted>>(fact));
        break;
      case 'ConsentGiven':
      case 'ConsentWithdrawn':
        consent(typed<ConsentEvent>(fact));
        break;
      case 'AddressSuppressed':
      case 'AddressReleased':
        suppression(typed<SuppressionEvent>(fact));
        break;
      default:
        journal(fact);
    }
  }
  return {
    messages: [...messages.values()],
    lanes: [...lanes.values()],
    consents: [...consents.values()],
    suppressions: [...suppressions.values()],
  };
};
