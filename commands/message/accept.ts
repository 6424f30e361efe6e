/**
 * Takes requests to say something to somebody, one or a thousand. Each begins a stream of its own whose name follows from the requester
 * and its key, appended as its first event: so one key makes one message, whoever sends it again and through which process, without a look
 * at anything (docs/decisions/0022).
 *
 * The event's id follows from the key and a keyed digest of what was asked for. The same request again is the same append, which the log
 * takes once; another one under the same key finds the stream begun, and is refused. All of a batch are sent together and answered one by
 * one when each is durable: what one is at fault of keeps no other back.
 */
import { createHash, createHmac } from 'node:crypto';
import type { Actor, NewFact, Position } from '../../domain/fact.js';
import type { MessageId, TenantId } from '../../domain/ids.js';
import { MessageAccepted, messageStream } from '../../domain/message/events.js';
import { classRules } from '../../domain/message/kinds.js';
import { urgentLane } from '../../domain/message/lanes.js';
import type { Accepted } from '../../domain/message/message.js';
import { Rejected, rejected } from '../../domain/rejected.js';
import { canonicalJson } from '../canonicalJson.js';
import { commandIdOf, eventIdOf } from '../commandId.js';
import type { Directory } from '../directory.js';
import { type Log, LogRefused, LogUnavailable, VersionConflict } from '../log.js';
import type { PersonalKeys, PersonSubject } from '../personalData.js';
import { InvalidInput } from '../validation.js';
import { addressHashes } from './addresses.js';
import type { MessageRequest } from './request.js';
import { type Requester, type Resolved, resolve } from './resolve.js';
import { messageSubject, messageSubjects, sealMessage } from './sealing.js';
import { createSubjectKeys } from './subjectKeys.js';
import { wordHashes } from './words.js';

export const messagesMax = 1_000;

export interface AcceptContext {
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly requester: Requester;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly correlationId: string;
  readonly causationId?: string;
}

export interface AcceptItem {
  /** Not looked at yet: a MessageRequest. */
  readonly request: unknown;
  /** Of the requester, for ever. */
  readonly key: string;
  readonly traceparent?: string | undefined;
  /** Instead of the context's. */
  readonly correlationId?: string;
  /** Of requests that a rule of the programme makes. */
  readonly policy?: Accepted['policy'];
}

export type AcceptResult =
  | {
      readonly kind: 'accepted';
      readonly messageId: MessageId;
      readonly position: Position;
      readonly repeated: boolean;
    }
  /** It is at fault itself, and would be again. */
  | { readonly kind: 'refused'; readonly error: Rejected | InvalidInput }
  /** It may be recorded or not: the same again is carried out once. */
  | { readonly kind: 'unavailable'; readonly error: unknown };

/** A request as it was recorded here, told before anybody can have read it from the log. */
export interface JustAccepted {
  readonly tenant: TenantId;
  readonly accepted: Accepted;
  readonly position: Position;
}

/** As many results as items, in their order. @throws Rejected tenant-not-found, revoked; what the store of keys throws. */
export type AcceptMessages = (
  items: readonly AcceptItem[],
  context: AcceptContext,
) => Promise<readonly AcceptResult[]>;

const name = 'AcceptMessage';

export const messageIdOf = (tenant: TenantId, { kind, id }: Requester, key: string): MessageId =>
  commandIdOf(name, `message-${tenant}.${kind}:${id}`, key).replaceAll('-', '') as MessageId;

/** Which journal: even over the lanes, and the same for every repeat. */
export const laneOf = (messageId: MessageId, laneCount: number): number =>
  parseInt(messageId.slice(0, 8), 16) % laneCount;

/**
 * What may become one message lies in one journal; and so does all that one recipient gets which is counted for caps, since a journal has
 * one sender at a time (docs/decisions/0031). One-time passwords share theirs with nothing else (docs/decisions/0032).
 */
const laneFor = (
  messageId: MessageId,
  { subject }: Recipient,
  { class: of, digest }: MessageRequest,
  laneCount: number,
): number => {
  if (of === 'otp') return urgentLane(laneOf(messageId, laneCount));
  const { isCapped } = classRules[of];
  if (!isCapped && !digest) return laneOf(messageId, laneCount);
  const shared = isCapped ? subject : `${subject}\n${digest?.key}`;
  const together = createHash('sha256').update(shared).digest('hex');
  return laneOf(together as MessageId, laneCount);
};

/** Tells a repeat from another request under the same key; says nothing to whoever has not the key of the tenant. */
const fingerprintOf = (indexKey: Buffer, request: unknown): string =>
  createHmac('sha256', indexKey)
    .update(`message request\n${canonicalJson(request)}`)
    .digest('hex')
    .slice(0, 32);

const optionally = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> =>
  value === undefined ? {} : ({ [name]: value } as Record<Name, Value>);

interface Prepared {
  readonly messageId: MessageId;
  readonly fact: NewFact;
}

type Recipient = Accepted['recipient'];

const recipientOf = (resolved: Resolved, indexKey: Buffer): Recipient => {
  const { userId, addresses, request } = resolved;
  const hashes = addressHashes(indexKey, addresses);
  const { locale, timeZone } = request.recipient;
  return {
    userId,
    subject: messageSubject(userId, hashes),
    addresses: hashes,
    ...optionally('locale', locale),
    ...optionally('timeZone', timeZone),
  };
};

const prepared = (
  item: AcceptItem,
  resolved: Resolved,
  recipient: Recipient,
  context: AcceptContext,
  { key, indexKey, laneCount }: { key: Buffer; indexKey: Buffer; laneCount: number },
): Prepared => {
  const { tenant, actor, requester, now, causationId } = context;
  const correlationId = item.correlationId ?? context.correlationId;
  const { request, content, template, strategy, steps, notBefore, expiresAt } = resolved;
  const messageId = messageIdOf(tenant, requester, item.key);
  const commandId = commandIdOf(name, messageStream(tenant, messageId), item.key);
  const fingerprint = fingerprintOf(indexKey, request);
  const { text } = content;
  const data: Accepted = {
    messageId,
    class: request.class,
    requester,
    recipient,
    template,
    sealed: sealMessage(key, tenant, recipient.subject as never, content),
    strategy,
    steps,
    notBefore,
    expiresAt,
    lane: laneFor(messageId, recipient, request, laneCount),
    ...(text ? { words: wordHashes(indexKey, `${text.subject ?? ''} ${text.text}`) } : {}),
    ...optionally('reference', request.reference),
    ...optionally('campaign', request.campaign),
    ...optionally('callback', request.callback),
    ...optionally('digest', request.digest),
    ...optionally('policy', item.policy),
    ...optionally('traceparent', item.traceparent),
  };
  const metadata = {
    tenant,
    actor,
    correlationId,
    causationId: causationId ?? correlationId,
    commandId,
    occurredAt: new Date(now).toISOString(),
    schemaVersion: 1,
    fingerprint,
  };
  const id = eventIdOf(`${commandId}\n${fingerprint}`, 0);
  return { messageId, fact: { id, type: MessageAccepted.type, data, metadata } };
};

const refusal = (error: unknown): AcceptResult => {
  if (error instanceof VersionConflict) {
    return { kind: 'refused', error: rejected('idempotency-key-reused') };
  }
  if (error instanceof InvalidInput || error instanceof Rejected) return { kind: 'refused', error };
  if (error instanceof LogRefused && error.reason === 'too-large') {
    return { kind: 'refused', error: new InvalidInput([{ pointer: '', reason: error.message }]) };
  }
  if (error instanceof LogUnavailable || error instanceof LogRefused) {
    return { kind: 'unavailable', error };
  }
  throw error;
};

const attempt = <Value>(work: () => Value): Value | AcceptResult => {
  try {
    return work();
  } catch (error) {
    return refusal(error);
  }
};

const isResult = <Value extends object>(value: Value | AcceptResult): value is AcceptResult =>
  'kind' in value;

export const createAcceptMessages = (options: {
  readonly log: Pick<Log, 'append'>;
  readonly directory: Directory;
  readonly keys: Pick<PersonalKeys, 'createMany' | 'indexKey'>;
  /** Where the log ends, so that what others accepted before is known for a repeat; left out: as far as the directory has read. */
  readonly head?: () => Promise<Position | null>;
  /** Of one-time passwords, which should not wait until the log is read: it may be far behind a file of others' messages. */
  readonly onUrgent?: ((one: JustAccepted) => void) | undefined;
}): AcceptMessages => {
  const { log, directory, keys, head = () => Promise.resolve(null), onUrgent } = options;
  const keysOf = createSubjectKeys(keys);
  /** The furthest place that an answer named: what is sent after it and new lies beyond. */
  let reached = 0n;
  let looked: Promise<void> | null = null;

  /** Once: whether something is a repeat is told as well as it is known, and fails nothing. */
  const look = async (): Promise<void> => {
    const end = await head().catch(() => null);
    reached = later(reached, end ?? 0n);
  };

  const record = async (
    tenant: TenantId,
    { messageId, fact }: Prepared,
    known: Position,
  ): Promise<AcceptResult> => {
    try {
      const { position } = await log.append(messageStream(tenant, messageId), 'noStream', [fact]);
      if (position > reached) reached = position;
      const accepted = fact.data as Accepted;
      if (accepted.class === 'otp') onUrgent?.({ tenant, accepted, position });
      return { kind: 'accepted', messageId, position, repeated: position <= known };
    } catch (error) {
      return refusal(error);
    }
  };

  const assertTenant = (tenant: TenantId): void => {
    const record = directory.tenant(tenant);
    if (!record) throw rejected('tenant-not-found', { tenant });
    if (record.status === 'revoked') throw rejected('revoked', { tenant });
  };

  return async (items, context) => {
    const { tenant } = context;
    assertTenant(tenant);
    const { laneCount } = directory.outreach.rules(tenant).rules;
    const indexKey = await keys.indexKey(tenant);
    const by = { ...context, directory };
    const resolved = items.map(({ request }) =>
      attempt(() => {
        const found = resolve(request, by);
        return { found, recipient: recipientOf(found, indexKey) };
      }),
    );
    const needed = resolved.map((one) =>
      isResult(one)
        ? []
        : messageSubjects(one.recipient.subject as PersonSubject, one.recipient.addresses),
    );
    const found = await keysOf(tenant, needed.flat());
    await (looked ??= look());
    const known = later(reached, directory.position ?? 0n);
    let next = 0;
    const results = resolved.map((one, i): AcceptResult | Promise<AcceptResult> => {
      if (isResult(one)) return one;
      const theirs = found.slice(next, (next += needed[i]?.length ?? 0));
      const [key] = theirs;
      if (!key || theirs.includes(null))
        return { kind: 'refused', error: rejected('recipient-erased') };
      const item = items[i] as AcceptItem;
      const by = { key, indexKey, laneCount };
      return record(tenant, prepared(item, one.found, one.recipient, context, by), known);
    });
    return Promise.all(results);
  };
};

const later = (one: Position, other: Position): Position => (one > other ? one : other);
