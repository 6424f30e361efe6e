/**
 * Tells requesters how their messages stand: publishes what changed of each message that names a topic for it, where the exchange signs and
 * delivers it like everything else.
 *
 * At least once, under one id: what a batch of facts comes to is published first, then how far each message was told is kept together with
 * the place in the log. A batch that broke off between the two is worked out anew from what was kept and comes to the same events, which
 * the log takes once. Until the first message that names a topic only requests are looked at; nothing is read of the journals.
 */
import type { EventOf } from '../../domain/event.js';
import type { Fact, Position } from '../../domain/fact.js';
import { type MessageAccepted, outboxEvents } from '../../domain/message/events.js';
import { changesOf, evolve, shownStatus } from '../../domain/message/message.js';
import type { Feed } from '../../projections/feed.js';
import { openIntake } from '../../projections/intake.js';
import { persevere } from '../persevere.js';
import type { StatusPublisher, ToPublish } from './callbackPublishing.js';
import { firstTold, isNews, statusEvent, type ToldMessage } from './statusEvent.js';

/** Where it is kept how far messages were told. */
export interface ToldMessages {
  /** Everything before it was told; null: nothing yet. */
  place(): Promise<Position | null>;
  /** Whether any message is followed. */
  any(): Promise<boolean>;
  load(messages: readonly MessageName[]): Promise<readonly ToldMessage[]>;
  /** Both or neither. */
  save(told: readonly ToldMessage[], place: Position): Promise<void>;
  /** Lets go of those that ended before that time; milliseconds since the epoch. */
  forget(endedBefore: number): Promise<void>;
}
export type MessageName = Pick<ToldMessage, 'tenant' | 'messageId'>;

export interface CallbackOptions {
  readonly feed: Feed;
  readonly told: ToldMessages;
  readonly publisher: StatusPublisher;
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
  readonly onPublished?: (events: number) => void;
}

const batchMax = 250;
const ahead = 1_000;
const lingerMs = 20;
/** A place without anything to tell is kept only so often. */
const idleKeepMs = 5_000;
/** Receipts may come that long after a message is over. */
const followedMs = 14 * 24 * 3_600_000;
const forgetEveryMs = 3_600_000;

const requests = ['MessageAccepted'] as const;
const everything = [...requests, ...outboxEvents.map(({ type }) => type)];

type Accepted = EventOf<typeof MessageAccepted>['data'];

const keyOf = ({ tenant, messageId }: MessageName): string => `${tenant} ${messageId}`;

const asksToBeTold = (fact: Fact): boolean =>
  fact.type === 'MessageAccepted' && (fact.data as Accepted).callback !== undefined;

/** What a batch comes to: the events in their order, and how far each message is told by then. */
export const workOut = (
  facts: readonly Fact[],
  known: ReadonlyMap<string, ToldMessage>,
): { readonly events: readonly ToPublish[]; readonly told: readonly ToldMessage[] } => {
  const told = new Map<string, ToldMessage>();
  const events: ToPublish[] = [];
  const tell = (next: ToldMessage, previous: ToldMessage | null, fact: Fact): void => {
    const { tenant, topicId } = next;
    const when = { at: fact.recordedAt, position: fact.position };
    const publication = statusEvent(next, previous && shownStatus(previous.message), when);
    events.push({ tenant, topicId, publication, causationId: fact.id });
  };
  for (const fact of facts) {
    const { tenant } = fact.metadata;
    if (fact.type === 'MessageAccepted') {
      const first = firstTold(tenant, fact.data as Accepted, fact.recordedAt);
      if (!first || known.has(keyOf(first))) continue;
      told.set(keyOf(first), first);
      tell(first, null, fact);
      continue;
    }
    for (const { messageId, change } of changesOf(fact)) {
      const key = keyOf({ tenant, messageId });
      const before = told.get(key) ?? known.get(key);
      if (!before) continue;
      const message = evolve(before.message, change);
      const isTold = isNews(before.message, message);
      const next = { ...before, message, sequence: before.sequence + (isTold ? 1 : 0) };
      told.set(key, next);
      if (isTold) tell(next, before, fact);
    }
  }
  return { events, told: [...told.values()] };
};

const namesIn = (facts: readonly Fact[]): MessageName[] => {
  const names = new Map<string, MessageName>();
  for (const fact of facts) {
    const { tenant } = fact.metadata;
    const ids = asksToBeTold(fact)
      ? [(fact.data as Accepted).messageId]
      : changesOf(fact).map(({ messageId }) => messageId);
    for (const messageId of ids) names.set(keyOf({ tenant, messageId }), { tenant, messageId });
  }
  return [...names.values()];
};

export const createCallbacks = (options: CallbackOptions) => {
  const { feed, told, publisher, now, onFailed } = options;

  /** What was published last and not kept may come again. */
  let careful = batchMax;
  /** Up to where there was nothing to tell since `kept`. */
  let passed: Position | null = null;
  let kept: Position | null = null;
  let keptAt = 0;

  const keep = async (next: readonly ToldMessage[], place: Position): Promise<void> => {
    await told.save(next, place);
    passed = kept = place;
    keptAt = now();
  };

  const work = async (facts: readonly Fact[], place: Position): Promise<void> => {
    const names = namesIn(facts);
    const known = names.length > 0 ? await told.load(names) : [];
    const { events, told: next } = workOut(facts, new Map(known.map((one) => [keyOf(one), one])));
    // So that what may be published and not kept is never more than one batch behind the place.
    if (events.length > 0 && passed !== null && passed !== kept) await keep([], passed);
    await publisher.publish(events, careful > 0);
    careful = Math.max(0, careful - facts.length);
    passed = place;
    if (next.length > 0 || now() - keptAt >= idleKeepMs) await keep(next, place);
    if (events.length > 0) options.onPublished?.(events.length);
  };

  /** From the first message that asks to be told the journals count: what comes after it is read again. */
  const dormant = (facts: readonly Fact[], place: Position): Promise<void> => {
    const first = facts.find(asksToBeTold);
    return first ? work([first], first.position) : work([], place);
  };

  /** @returns when another kind of facts is to be followed, or it was told to stop. */
  const follow = async (awake: boolean, signal: AbortSignal): Promise<void> => {
    const eventTypes = awake ? everything : requests;
    const intake = openIntake(feed, { from: passed, eventTypes, ahead });
    const onAbort = () => void intake.close();
    signal.addEventListener('abort', onAbort, { once: true });
    let forgottenAt = 0;
    try {
      while (!signal.aborted) {
        const { facts, position } = await intake.take(batchMax, lingerMs);
        if (position === null) continue;
        await (awake ? work : dormant)(facts, position);
        if (!awake && facts.some(asksToBeTold)) return;
        if (!awake || now() - forgottenAt < forgetEveryMs) continue;
        await told.forget(now() - followedMs);
        forgottenAt = now();
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      await intake.close();
    }
  };

  const followOnce = async (signal: AbortSignal): Promise<void> => {
    careful = batchMax;
    passed = kept = await told.place();
    while (!signal.aborted) await follow(await told.any(), signal);
  };

  return {
    /** Until the signal aborts. */
    run: (signal: AbortSignal): Promise<void> =>
      persevere(() => followOnce(signal), signal, onFailed).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      }),
  };
};
