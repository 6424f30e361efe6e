/**
 * The journal of one lane, as its dispatcher writes it: what many messages began and came to goes into one append, while one is under way
 * the next is gathered.
 *
 * Invariant: an attempt is begun only if its `begin` was appended at the revision that is known here, after everything recorded before it was
 * taken in. An append that meets what somebody else wrote (an order, a receipt, another dispatcher) reads on, lets each attempt be judged
 * again, and appends what is left. An append without an answer is repeated with the same ids until it is known to be in the log or not.
 */
import { randomUUID } from 'node:crypto';
import { commandIdOf } from '../../commands/commandId.js';
import { ownFacts } from '../../commands/ownFacts.js';
import { type Log, LogUnavailable, VersionConflict } from '../../commands/log.js';
import type { Fact, NewFact } from '../../domain/fact.js';
import type { MessageId, TenantId } from '../../domain/ids.js';
import { AttemptsStarted, itemsMax, type OutboxEvent } from '../../domain/message/events.js';
import { outboxStream } from '../../domain/message/lanes.js';
import { type Change, changesOf } from '../../domain/message/message.js';
import { pause } from '../../projections/pause.js';
import { type Begin, eventsOf } from './journalEvents.js';
import { bytesMax, itemBytes, type Piece, piecesOf, type Said } from './said.js';

export interface JournalOptions {
  readonly log: Log;
  readonly tenant: TenantId;
  readonly lane: number;
  /** Of this process and this start of it. */
  readonly owner: string;
  /** Of the last event that is known. */
  readonly revision: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Each change that is in the journal beyond that, in order, our own too. */
  readonly onChange: (messageId: MessageId, revision: number, change: Change) => void;
  readonly onTrouble: (error: unknown) => void;
}

export interface Journal {
  /** Resolves once they are in the log, with those that were begun. Rejects where it cannot be known: then none may be sent. */
  begin(begins: readonly Begin[], isUrgent?: boolean): Promise<ReadonlySet<Begin>>;
  /** Resolves once it is in the log. */
  say(said: Said): Promise<void>;
  /** Takes in what others wrote. */
  readOn(): Promise<void>;
  readonly revision: number;
  /** Where somebody else last began attempts, as far as it was read here; -1: nowhere. */
  readonly othersBegan: number;
  /** Nothing is written any more; what waits is rejected. */
  close(): void;
}

export class JournalClosed extends Error {
  override readonly name = 'JournalClosed';
}

interface Work {
  readonly begins: readonly Begin[];
  /** Goes before what is not. */
  readonly isUrgent: boolean;
  readonly said: Said;
  readonly items: number;
  readonly bytes: number;
  readonly resolve: (begun: ReadonlySet<Begin>) => void;
  readonly reject: (error: unknown) => void;
}

const pageMax = 500;
const giveUpMs = 60_000;

export const createJournal = (options: JournalOptions): Journal => {
  const { log, tenant, lane, owner, now, onChange, onTrouble } = options;
  const stream = outboxStream(tenant, lane);
  // A lane may be left and taken again by the same process: its appends are others then.
  const opening = `${owner} ${randomUUID()}`;
  const closing = new AbortController();
  let revision = options.revision;
  let othersBegan = -1;
  let waiting: Work[] = [];
  let writing = false;
  let appends = 0;

  const takeIn = (facts: readonly Fact[]): void => {
    for (const fact of facts) {
      if (fact.revision <= revision) continue;
      revision = fact.revision;
      if (fact.type === AttemptsStarted.type && fact.metadata.actor.id !== owner) {
        othersBegan = revision;
      }
      for (const { messageId, change } of changesOf(fact)) onChange(messageId, revision, change);
    }
  };

  const readOn = async (): Promise<void> => {
    for (;;) {
      const facts = await log.read(stream, revision + 1, pageMax);
      takeIn(facts);
      if (facts.length < pageMax) return;
    }
  };

  const factsOf = (events: readonly OutboxEvent[]): NewFact[] => {
    const commandId = commandIdOf('Dispatch', stream, `${opening} ${(appends += 1)}`);
    const actor = { kind: 'worker', id: owner } as const;
    return ownFacts(events, { tenant, actor, commandId, now: now() });
  };

  /** They are in the log, whatever comes of reading what others wrote before them: that is taken in with the next append that meets it. */
  const readAfter = (): Promise<void> => readOn().catch(onTrouble);

  /** @returns whether they are in the log now; false: what others wrote was taken in, judge again. */
  const append = async (facts: readonly NewFact[], begins: boolean): Promise<boolean> => {
    const giveUpAt = performance.now() + giveUpMs;
    for (let tries = 1; ; tries += 1) {
      const known = revision;
      try {
        // What begins nothing need not know what others wrote; whether it arrived has to be known where it is repeated.
        const isFree = !begins && tries === 1;
        const at = isFree ? 'any' : known < 0 ? 'noStream' : known;
        const done = await log.append(stream, at, facts);
        if (done.revision - facts.length > known) await readAfter();
        else takeOwn(facts, done.revision, done.position);
        return true;
      } catch (error) {
        if (error instanceof VersionConflict) {
          // Ours too, where an earlier try arrived after all.
          await readOn();
          if (await isIn(facts, known)) return true;
          if (revision > known) return false;
        } else if (!(error instanceof LogUnavailable)) throw error;
        if (closing.signal.aborted || performance.now() > giveUpAt) throw error;
        onTrouble(error);
        await pause(Math.min(100 * 2 ** tries, 5_000), closing.signal);
      }
    }
  };

  const isIn = async (facts: readonly NewFact[], known: number): Promise<boolean> => {
    const [first] = facts;
    for (let from = known + 1; from <= revision; from += pageMax) {
      const page = await log.read(stream, from, pageMax);
      if (page.some(({ id }) => id === first?.id)) return true;
    }
    return false;
  };

  const takeOwn = (facts: readonly NewFact[], last: number, position: bigint): void => {
    const recordedAt = now();
    const first = last - facts.length + 1;
    facts.forEach(({ type, data }, index) => {
      const own = first + index;
      if (own <= revision) return;
      revision = own;
      for (const { messageId, change } of changesOf({ type, data, recordedAt, position })) {
        onChange(messageId, own, change);
      }
    });
  };

  const write = async (group: readonly Work[]): Promise<void> => {
    for (;;) {
      const begun = new Set(
        group.flatMap(({ begins }) => begins.filter((one) => one.stillHolds())),
      );
      const said = group.map((work) => work.said);
      const events = eventsOf(said, [...begun]);
      if (events.length === 0 || (await append(factsOf(events), begun.size > 0))) {
        for (const { begins, resolve } of group) {
          resolve(new Set(begins.filter((one) => begun.has(one))));
        }
        return;
      }
    }
  };

  const nextGroup = (): Work[] => {
    let items = 0;
    let bytes = 0;
    let count = 0;
    for (const work of waiting) {
      items += work.items;
      bytes += work.bytes;
      if (count > 0 && (items > itemsMax || bytes > bytesMax)) break;
      count += 1;
    }
    const group = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return group;
  };

  const writeAll = async (): Promise<void> => {
    writing = true;
    // What is told in the same turn goes together.
    await Promise.resolve();
    while (waiting.length > 0) {
      const group = nextGroup();
      try {
        await write(group);
      } catch (error) {
        // What the log will not have is found out alone: it takes nobody else with it.
        if (group.length > 1 && !mayPass(error)) for (const work of group) await writeAlone(work);
        else for (const { reject } of group) reject(error);
      }
    }
    writing = false;
  };

  const writeAlone = (work: Work): Promise<void> => write([work]).catch(work.reject);

  const put = (
    begins: readonly Begin[],
    { said, ...size }: Piece,
    isUrgent = false,
  ): Promise<ReadonlySet<Begin>> =>
    new Promise((resolve, reject) => {
      if (closing.signal.aborted) return reject(new JournalClosed(`${stream} is left.`));
      const items = size.items + begins.length;
      const bytes = size.bytes + begins.length * itemBytes * 2;
      const work: Work = { begins, isUrgent, said, items, bytes, resolve, reject };
      const usual = isUrgent ? waiting.findIndex((one) => !one.isUrgent) : -1;
      if (usual < 0) waiting.push(work);
      else waiting.splice(usual, 0, work);
      if (!writing) void writeAll();
    });

  return {
    begin: (begins, isUrgent = false) => put(begins, nothing, isUrgent),
    say: async (said) => {
      await Promise.all(piecesOf(said).map((piece) => put([], piece)));
    },
    readOn,
    get revision() {
      return revision;
    },
    get othersBegan() {
      return othersBegan;
    },
    close: () => closing.abort(),
  };
};

const nothing: Piece = { said: {}, items: 0, bytes: 0 };

/** Not what is wrong with what was to be written: it may be told again. */
export const mayPass = (error: unknown): boolean =>
  error instanceof LogUnavailable || error instanceof VersionConflict;
