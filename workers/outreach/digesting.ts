/**
 * Makes those messages of a chunk into one that are to be told together, with what else of them waits in the same window. That they are one
 * is recorded before the one is sent; the others have no turn of their own from then on. Whoever takes the one up again later, after a
 * refusal or a crash, reads from the log what the others had to say.
 */
import type { Log } from '../../commands/log.js';
import type { Fact } from '../../domain/fact.js';
import type { MessageId, TenantId } from '../../domain/ids.js';
import { type Digest, type DigestCandidate, digestsOf } from '../../domain/message/digest.js';
import { messageStream } from '../../domain/message/events.js';
import type { Accepted } from '../../domain/message/message.js';
import { requestOf, type StoredRequest } from '../../projections/outbox/request.js';
import type { Lane } from './lane.js';
import type { Loaded } from './loaded.js';
import type { Said } from './said.js';
import type { Window } from './windows.js';

export interface DigestingOptions {
  readonly log: Pick<Log, 'read'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether it is in the log. */
  readonly record: (lane: Lane, said: Said) => Promise<boolean>;
}

export interface Gathered {
  /** To be sent. */
  readonly items: readonly Loaded[];
  /** Of the chunk, with no turn of their own any more. */
  readonly joined: readonly Loaded[];
}

/** Of a chunk that was taken from its window. */
export type Gather = (
  lane: Lane,
  window: Pick<Window, 'items'>,
  items: readonly Loaded[],
) => Promise<Gathered>;

const concerns = ({ request, message }: Loaded): boolean =>
  request.digest !== undefined || message.digests.length > 0;

const candidateOf = ({ message, request }: Loaded): DigestCandidate => {
  const { template, recipient, requester } = request;
  const named = template && `${template.templateId} ${template.version}`;
  const who = `${requester.kind} ${requester.id}`;
  return { message, requester: who, subject: recipient.subject, template: named };
};

export const createDigesting = ({ log, now, record }: DigestingOptions): Gather => {
  /** Messages that are just becoming part of another: a chunk that took one of them meanwhile waits for that. */
  const joining = new Map<MessageId, Promise<boolean>>();

  const requestFrom = async (tenant: TenantId, id: MessageId): Promise<StoredRequest> => {
    const [fact] = (await log.read(messageStream(tenant, id), 0, 1)) as Fact<Accepted>[];
    if (!fact) throw new Error(`message ${id} has no beginning in the log`);
    return JSON.parse(JSON.stringify(requestOf(fact.data))) as StoredRequest;
  };

  const restore = async (tenant: TenantId, one: Loaded): Promise<void> => {
    if (one.message.digests.length === one.digested.length) return;
    const ids = one.message.digests;
    const requests = await Promise.all(ids.map((id) => requestFrom(tenant, id)));
    one.digested = requests.map((request, i) => ({ messageId: ids[i] as MessageId, request }));
  };

  /** Begun in the same turn in which the window was looked through: nobody takes them in between. */
  const join = async (lane: Lane, digests: readonly Digest[]): Promise<boolean> => {
    const said = digests.map(({ into, messageIds }) => ({ into, messageIds: [...messageIds] }));
    const recording = record(lane, { digests: said });
    const others = digests.flatMap(({ into, messageIds }) =>
      messageIds.filter((id) => id !== into),
    );
    for (const id of others) joining.set(id, recording);
    try {
      return await recording;
    } finally {
      for (const id of others) joining.delete(id);
    }
  };

  const gather: Gather = async (lane, window, all) => {
    const taken = all.flatMap(({ messageId }) => joining.get(messageId) ?? []);
    if (taken.length > 0) await Promise.all(taken);
    const isJoined = ({ message }: Loaded): boolean => message.digestedInto !== null;
    const items = all.filter((one) => !isJoined(one));
    const free = [...items, ...window.items].filter(
      (one) => concerns(one) && !isJoined(one) && !joining.has(one.messageId),
    );
    const known = new Map(free.map((one) => [one.messageId, one]));
    const ours = new Set(items.map(({ messageId }) => messageId));
    const digests = digestsOf(free.map(candidateOf), now()).filter(({ into }) => ours.has(into));
    if (digests.length > 0 && !(await join(lane, digests))) {
      throw new Error('messages could not be made into one: it is not recorded');
    }
    for (const { into, messageIds } of digests) {
      const one = known.get(into);
      const others = messageIds.filter((id) => id !== into);
      if (one) one.digested = others.flatMap((id) => known.get(id) ?? []);
    }
    const left = items.filter((one) => !isJoined(one));
    await Promise.all(left.filter(concerns).map((one) => restore(lane.tenant, one)));
    return { items: left, joined: all.filter(isJoined) };
  };

  // Most chunks have nothing of the kind, and are told so at once.
  return (lane, window, items) =>
    items.some(concerns) || items.some(({ messageId }) => joining.has(messageId))
      ? gather(lane, window, items)
      : Promise.resolve({ items, joined: [] });
};
