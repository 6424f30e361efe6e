/**
 * Receipts on their way into the journals: each is joined to its attempt by what it names, the reference that the provider was given or the
 * provider's own. One that is about nothing known yet is kept and looked at again, since a receipt may overtake the answer to its own
 * message; one that nobody ever sent is given up after a while, counted, and kept for whoever looks for it.
 */
import { createHash } from 'node:crypto';
import { commandIdOf } from '../../commands/commandId.js';
import { ownFacts } from '../../commands/ownFacts.js';
import type { Log } from '../../commands/log.js';
import type { ReportedReceipt, TakeReceipts } from '../../commands/provider/receipts.js';
import type { SuppressionReason } from '../../domain/consent/suppression.js';
import type { MessageId, ProviderId, TenantId } from '../../domain/ids.js';
import { itemsMax } from '../../domain/message/events.js';
import { outboxStream } from '../../domain/message/lanes.js';
import type { Channel } from '../../domain/message/kinds.js';
import { pause } from '../../projections/pause.js';
import { attemptOfReference } from './clientReference.js';
import { mayPass } from './journal.js';
import type { OutreachMeasures } from './measures.js';

export interface AttemptKey {
  readonly messageId: MessageId;
  readonly attempt: number;
}

/** What joins receipts to attempts, and keeps those that cannot be joined yet. */
export interface ReceiptStore {
  /** By the provider's references; none of those that are not known. */
  byReference(
    tenant: TenantId,
    providerId: ProviderId,
    references: readonly string[],
  ): Promise<ReadonlyMap<string, AttemptKey>>;
  /** In whose journal they are, and who was given which attempt; none of those that are not known. */
  messages(
    tenant: TenantId,
    messageIds: readonly MessageId[],
  ): Promise<ReadonlyMap<MessageId, ReceivedOf>>;
  /** Where the attempt went to; null: nothing is known of it. */
  place(tenant: TenantId, key: AttemptKey): Promise<Place | null>;
  keep(
    tenant: TenantId,
    providerId: ProviderId,
    receipts: readonly ReportedReceipt[],
  ): Promise<void>;
  /** Those that are to be looked at again by now, at most `limit`; nobody else is given them for a moment. */
  kept(limit: number): Promise<readonly KeptReceipt[]>;
  done(ids: readonly string[]): Promise<void>;
  /** Looked at in vain: again later, or given up. */
  later(ids: readonly string[], afterMs: number): Promise<void>;
  giveUp(ids: readonly string[]): Promise<void>;
}

/** What a receipt has to agree with. */
export interface ReceivedOf {
  readonly lane: number;
  readonly providers: ReadonlyMap<number, ProviderId>;
}

export interface KeptReceipt {
  readonly id: string;
  readonly tenant: TenantId;
  readonly providerId: ProviderId;
  readonly receipt: ReportedReceipt;
  readonly ageMs: number;
}

/** A channel and the hash of an address on it. */
export interface Place {
  readonly channel: Channel;
  readonly address: string;
}

/**
 * Nothing is sent there any more, until an operator releases it. Begun, not waited for.
 * @param clientReference of the attempt that it was told of: told of it again, it does nothing; told of another, it does it anew
 * @param reason left out: unreachable
 */
export type Suppress = (
  tenant: TenantId,
  place: Place,
  code: string,
  clientReference: string,
  reason?: Extract<SuppressionReason, 'unreachable' | 'complained'>,
) => void;

export interface ReceiptsOptions {
  readonly log: Log;
  readonly store: ReceiptStore;
  readonly measures: Pick<OutreachMeasures, 'receipt' | 'orphan'>;
  readonly suppress: Suppress;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onTrouble: (error: unknown) => void;
}

export interface Receipts {
  readonly take: TakeReceipts;
  /** Looks again at what was kept, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
}

const lookEveryMs = 500;
const keptMax = 500;
const giveUpAfterMs = 3_600_000;
const againMost = 300_000;
const textMax = 500;
const codeMax = 80;

/** Providers repeat addresses in their words. */
const scrubbed = (text: string): string =>
  text
    .replace(/[\w.+-]+@[\w-]+\.[\w.-]+/g, '***')
    .replace(/\+?\d{7,}/g, '***')
    .slice(0, textMax);

const engagements: ReadonlySet<string> = new Set(['seen', 'read', 'clicked']);

type Joined = AttemptKey & { readonly receipt: ReportedReceipt };

const itemOf = ({ messageId, attempt, receipt }: Joined) => {
  const at = new Date(receipt.at).toISOString();
  const { status, cause, errorClass, code, text } = receipt;
  if (engagements.has(status)) return { messageId, attempt, kind: status, at };
  return {
    messageId,
    attempt,
    status,
    at,
    ...(cause === undefined ? {} : { cause }),
    ...(errorClass === undefined ? {} : { errorClass }),
    ...(code === undefined ? {} : { code: scrubbed(code).slice(0, codeMax) }),
    ...(text === undefined ? {} : { text: scrubbed(text) }),
  };
};

const inPieces = <Item>(items: readonly Item[]): Item[][] =>
  Array.from({ length: Math.ceil(items.length / itemsMax) }, (_, index) =>
    items.slice(index * itemsMax, (index + 1) * itemsMax),
  );

const eventsOf = (joined: readonly Joined[]): { type: string; data: unknown }[] => {
  const seen = joined.filter(({ receipt }) => engagements.has(receipt.status)).map(itemOf);
  const told = joined.filter(({ receipt }) => !engagements.has(receipt.status)).map(itemOf);
  return [
    ...inPieces(told).map((receipts) => ({ type: 'ReceiptsRecorded', data: { receipts } })),
    ...inPieces(seen).map((items) => ({
      type: 'EngagementsRecorded',
      data: { engagements: items },
    })),
  ];
};

export const createReceipts = (options: ReceiptsOptions): Receipts => {
  const { log, store, measures, suppress, now, onTrouble } = options;

  const keysOf = async (
    tenant: TenantId,
    providerId: ProviderId,
    receipts: readonly ReportedReceipt[],
  ): Promise<(AttemptKey | null)[]> => {
    const named = receipts.map(({ clientReference }) =>
      clientReference === undefined ? null : attemptOfReference(clientReference),
    );
    const references = receipts.flatMap(({ providerReference }, index) =>
      named[index] || providerReference === undefined ? [] : [providerReference],
    );
    const known = await store.byReference(tenant, providerId, references);
    return receipts.map(
      ({ providerReference }, index) =>
        named[index] ??
        (providerReference === undefined ? null : (known.get(providerReference) ?? null)),
    );
  };

  const append = async (
    tenant: TenantId,
    providerId: ProviderId,
    lane: number,
    joined: readonly Joined[],
  ): Promise<void> => {
    const stream = outboxStream(tenant, lane);
    const events = eventsOf(joined);
    // A provider that reports again reports the same: it is taken once, for as long as the log remembers.
    const digest = createHash('sha256').update(JSON.stringify(events)).digest('hex');
    const commandId = commandIdOf('TakeReceipts', stream, digest);
    const actor = { kind: 'worker', id: `provider ${providerId}` } as const;
    const facts = ownFacts(events, { tenant, actor, commandId, now: now() });
    await log.append(stream, 'any', facts);
    for (const { receipt, ...key } of joined) {
      measures.receipt(providerId, receipt.status);
      const { cause, errorClass } = receipt;
      const isComplaint = cause === 'complaint';
      if (errorClass !== 'recipientPermanent' && !isComplaint) continue;
      const place = await store.place(tenant, key);
      const code = scrubbed([cause, receipt.code].filter(Boolean).join(' ')).slice(0, codeMax);
      const reason = isComplaint ? 'complained' : 'unreachable';
      if (place) suppress(tenant, place, code, `${key.messageId}-${key.attempt}`, reason);
    }
  };

  /** @returns those that nothing is known of, or that are about what somebody else was given. */
  const join = async <One extends { readonly receipt: ReportedReceipt }>(
    tenant: TenantId,
    providerId: ProviderId,
    given: readonly One[],
  ): Promise<One[]> => {
    const keys = await keysOf(
      tenant,
      providerId,
      given.map(({ receipt }) => receipt),
    );
    const ids = [...new Set(keys.flatMap((key) => key?.messageId ?? []))];
    const known = await store.messages(tenant, ids);
    const byLane = new Map<number, Joined[]>();
    const unknown: One[] = [];
    given.forEach((one, index) => {
      const key = keys[index];
      const message = key ? known.get(key.messageId) : undefined;
      if (!key || message?.providers.get(key.attempt) !== providerId) return unknown.push(one);
      const { lane } = message;
      const joined = { ...key, receipt: one.receipt };
      const same = byLane.get(lane);
      return same ? same.push(joined) : byLane.set(lane, [joined]);
    });
    for (const [lane, joined] of byLane) await append(tenant, providerId, lane, joined);
    return unknown;
  };

  const take: TakeReceipts = async (tenant, providerId, receipts) => {
    const given = receipts.map((receipt) => ({ receipt }));
    const unknown = await join(tenant, providerId, given);
    if (unknown.length === 0) return;
    const kept = unknown.map(({ receipt }) => cleaned(receipt));
    await store.keep(tenant, providerId, kept);
  };

  /** Later and later; given up in the end. */
  const setAside = async (unknown: ReadonlySet<KeptReceipt>): Promise<void> => {
    const given = [...unknown].filter(({ ageMs }) => ageMs > giveUpAfterMs);
    await store.giveUp(given.map(({ id }) => id));
    for (const { providerId } of given) measures.orphan(providerId);
    for (const { id, ageMs } of unknown) {
      const afterMs = Math.min(againMost, Math.max(lookEveryMs, ageMs));
      if (ageMs <= giveUpAfterMs) await store.later([id], afterMs);
    }
  };

  /** Of one provider. What is wrong with one keeps no other: halves are tried until it is alone. */
  const joinKept = async (group: readonly KeptReceipt[]): Promise<void> => {
    const [first] = group;
    if (!first) return;
    try {
      const unknown = new Set(await join(first.tenant, first.providerId, group));
      await store.done(group.filter((one) => !unknown.has(one)).map(({ id }) => id));
      await setAside(unknown);
    } catch (error) {
      if (mayPass(error)) throw error;
      if (group.length === 1) {
        onTrouble(error);
        return setAside(new Set(group));
      }
      const half = Math.ceil(group.length / 2);
      await joinKept(group.slice(0, half));
      await joinKept(group.slice(half));
    }
  };

  const lookAgain = async (): Promise<number> => {
    const kept = await store.kept(keptMax);
    const groups = new Map<string, KeptReceipt[]>();
    for (const one of kept) {
      const key = `${one.tenant} ${one.providerId}`;
      const same = groups.get(key);
      if (same) same.push(one);
      else groups.set(key, [one]);
    }
    for (const group of groups.values()) await joinKept(group);
    return kept.length;
  };

  return {
    take,
    run: async (signal) => {
      while (!signal.aborted) {
        const count = await lookAgain().catch((error: unknown) => (onTrouble(error), 0));
        if (count < keptMax) await pause(lookEveryMs, signal);
      }
    },
  };
};

const cleaned = (receipt: ReportedReceipt): ReportedReceipt => ({
  ...receipt,
  ...(receipt.code === undefined ? {} : { code: scrubbed(receipt.code) }),
  ...(receipt.text === undefined ? {} : { text: scrubbed(receipt.text) }),
});
