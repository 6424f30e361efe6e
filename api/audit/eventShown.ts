/**
 * A fact as auditors see it: everything that was recorded, but for what the log itself keeps secret. Hashes of secrets and the
 * ciphertext of a person are named, not shown: the history needs to know that they are there, nobody needs to take them away.
 */
import { Type, type Static } from '@sinclair/typebox';
import type { Fact } from '../../domain/fact.js';
import { Instant, PositionText } from '../wire.js';

export const ActorShown = Type.Object({ kind: Type.String(), id: Type.String() });

export const EventShown = Type.Object(
  {
    position: PositionText,
    stream: Type.String(),
    revision: Type.Integer({ minimum: 0 }),
    id: Type.String(),
    type: Type.String(),
    occurredAt: Instant,
    recordedAt: Instant,
    actor: ActorShown,
    correlationId: Type.String(),
    causationId: Type.String(),
    commandId: Type.String(),
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { title: 'Event' },
);
export type EventShown = Static<typeof EventShown>;

const hidden: Readonly<Record<string, string>> = {
  passwordHash: '(hash, not shown)',
  secretHash: '(hash, not shown)',
  codeHash: '(hash, not shown)',
  phoneHash: '(hash, not shown)',
  emailHash: '(hash, not shown)',
  address: '(hash, not shown)',
  person: '(encrypted, not shown)',
  birthday: '(encrypted, not shown)',
  sealed: '(encrypted, not shown)',
  sealedHeaders: '(encrypted, not shown)',
  sealedSecrets: '(encrypted, not shown)',
};

const hash = '(hash, not shown)';
const isHash = (value: unknown): boolean =>
  typeof value === 'string' && /^([0-9a-f]{64}|addr_[0-9a-f]{40}|[0-9a-f]{16})$/.test(value);

/** Of an address: in the names of its streams, and where it stands for somebody without an account. */
const named = /\b(addr|email|phone|push|sms|telegram|viber|whatsapp)_[0-9a-f]{40,64}\b/g;
const withoutHashes = (text: string): string => text.replace(named, `$1_${hash}`);

/** Inside of events names are told by what they hold as well: what partners publish may call anything an address. */
const hidesHashes: ReadonlySet<string> = new Set(['address', 'addresses', 'subject', 'words']);

const shownHashes = (value: unknown): unknown => {
  if (isHash(value)) return hash;
  if (Array.isArray(value)) return value.map(shownHashes);
  return typeof value === 'object' && value !== null ? shownInside(value, shownHashes) : value;
};

const shownInside = (
  value: object,
  shownValue: (value: unknown) => unknown = shownDeeper,
): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).map(([name, inside]) => [
      name,
      hidesHashes.has(name) ? shownHashes(inside) : shownValue(inside),
    ]),
  );

const shownDeeper = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shownDeeper);
  return typeof value === 'object' && value !== null ? shownInside(value) : value;
};

const shownData = (data: unknown): Record<string, unknown> => {
  const open = Object.entries(data as Record<string, unknown>).map(([name, value]) => {
    const replacement = hidden[name];
    return [name, replacement !== undefined && value !== null ? replacement : value] as const;
  });
  return shownInside(Object.fromEntries(open));
};

export const shown = (fact: Fact): EventShown => ({
  position: String(fact.position),
  stream: withoutHashes(fact.stream),
  revision: fact.revision,
  id: fact.id,
  type: fact.type,
  occurredAt: fact.metadata.occurredAt,
  recordedAt: new Date(fact.recordedAt).toISOString(),
  actor: fact.metadata.actor,
  correlationId: fact.metadata.correlationId,
  causationId: fact.metadata.causationId,
  commandId: fact.metadata.commandId,
  data: shownData(fact.data),
});
