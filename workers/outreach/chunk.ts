/**
 * Sends a chunk of messages of one window: what is to be known is learned for all of them at once, each is decided on, and those that can go
 * are handed over in calls as large as their provider takes. Each call: a slot, the record that its attempts begin, the call, the record of
 * what became of them (recording.ts).
 *
 * Invariant: nothing is awaited between what prepares a message, which gives it to a provider, and `carriers.slot`, which counts it there.
 */
import type { Log } from '../../commands/log.js';
import type { Outreach } from '../../commands/outreach.js';
import type { Renderer } from '../../commands/template/render.js';
import type { TenantId } from '../../domain/ids.js';
import { nextOf } from '../../domain/message/message.js';
import { answerOf, tooLate } from './answers.js';
import type { CarrierPool } from './carriers.js';
import type { Begin } from './journalEvents.js';
import { createDigesting } from './digesting.js';
import { learn } from './knowledge.js';
import type { Lane } from './lane.js';
import type { Loaded } from './loaded.js';
import type { OutreachMeasures } from './measures.js';
import { createLately } from './lately.js';
import { type Past, pastMs, pastOf } from './past.js';
import type { Persons, QueueTables } from './ports.js';
import type { SendResult } from './providers/port.js';
import type { Suppress } from './receipts.js';
import { type ChunkOf, createPrepare, type Preparation, type Prepared } from './prepare.js';
import { createRecording, type Recording } from './recording.js';
import type { Window } from './windows.js';

export interface ChunkOptions {
  readonly outreach: Outreach;
  readonly renderer: Renderer;
  /** Where recipients end such messages; left out: messages have no link for it. */
  readonly publicUrl?: string;
  readonly carriers: CarrierPool;
  readonly log: Pick<Log, 'read'>;
  readonly tables: QueueTables;
  readonly persons: Persons;
  /** The same over connections of their own, for one-time passwords. */
  readonly urgentTables: QueueTables;
  readonly urgentPersons: Persons;
  readonly measures: OutreachMeasures;
  /** Nothing is sent there any more. */
  readonly suppress: Suppress;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What was recorded by then of all that is sent here is in the tables, milliseconds since the epoch; left out: all of it. */
  readonly knownUntil?: () => number;
  readonly onTrouble: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export interface Chunks {
  /** Until every message of it is recorded or put back. Never rejects. @param onTaken once for each that has a slot, waits for one, or needs none. */
  send(
    lane: Lane,
    window: Window,
    items: readonly Loaded[],
    onTaken: (messages: number) => void,
  ): Promise<void>;
  readonly follow: Recording['follow'];
}

export const createChunks = (options: ChunkOptions): Chunks => {
  const { carriers, measures, now, onTrouble, signal, tables, persons } = options;
  const lately = createLately(now, options.knownUntil);
  const prepare = createPrepare({
    outreach: options.outreach,
    renderer: options.renderer,
    carriers,
    now,
    lately,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
  });

  const recording = createRecording({
    carriers,
    measures,
    now,
    onTrouble,
    signal,
    suppress: options.suppress,
  });
  const { record, settle, recordRest, placeAll } = recording;
  const gather = createDigesting({ log: options.log, now, record });

  /** They stay where they are, and are looked at again. */
  const putOff = (window: Window, lane: Lane, all: readonly Loaded[], forMs: number): void => {
    window.blockedUntil = now() + forMs;
    const waiting = all.filter((one) => one.state === 'busy' && lane.has(one.messageId));
    for (const one of waiting) one.state = 'waiting';
    window.items = [...waiting, ...window.items];
  };

  const putBack = (lane: Lane, window: Window, rest: readonly Preparation[]): void => {
    for (const one of rest) {
      if (one.kind === 'again') placeAll(lane, [one.loaded]);
      if (one.kind !== 'blocked') continue;
      one.loaded.state = 'waiting';
      const until = one.until ?? now() + blockedMs;
      const isParked = window.parked.add(one.loaded, one.by, until);
      if (!isParked) lane.leave(one.loaded, Math.max(until, now() + noPlaceMs));
    }
  };

  const call = async (
    lane: Lane,
    chunk: ChunkOf,
    batch: readonly Prepared[],
    giveBackSlot: () => void,
  ): Promise<void> => {
    const [first] = batch;
    if (!first) return;
    const { providerId, isProbe } = first;
    const { tenant, class: of, channel } = chunk;
    const startedAt = now();
    for (const { loaded } of batch) measures.queued(of, startedAt - loaded.since);
    const { results, ms } = await carriers.send(
      tenant,
      providerId,
      batch.map(({ outgoing }) => outgoing),
      isProbe,
    );
    // The provider is free for the next one while this is recorded, which is recorded as begun behind it in the same journal.
    giveBackSlot();
    const at = now();
    const outcomes: Record<string, number> = {};
    let code: string | null = null;
    const answers = batch.map(({ loaded, outgoing, start }, index) => {
      const result = results[index] ?? missing;
      const about = { messageId: loaded.messageId, attempt: start.attempt, at, ms, outgoing };
      const answer = answerOf(result, about);
      outcomes[answer.outcome] = (outcomes[answer.outcome] ?? 0) + 1;
      if (answer.code !== undefined) code = answer.code;
      if (answer.errorClass === 'recipientPermanent') {
        const place = { channel, address: start.address };
        options.suppress(tenant, place, answer.code ?? '', start.clientReference);
      }
      return answer;
    });
    measures.call({
      tenant,
      providerId,
      channel,
      class: of,
      messages: batch.length,
      ms,
      outcomes,
      code,
      isProbe,
    });
    for (const [outcome, count] of Object.entries(outcomes)) {
      measures.attempted({ provider: providerId, channel, outcome }, count);
    }
    await settle(
      lane,
      batch.map(({ loaded }) => loaded),
      answers,
    );
  };

  const sendBatch = async (
    lane: Lane,
    chunk: ChunkOf & { readonly past: Past },
    batch: readonly Prepared[],
    onTaken: (messages: number) => void,
  ): Promise<void> => {
    const [first] = batch;
    if (!first) return;
    const { tenant } = chunk;
    const slot = carriers.slot(tenant, first.providerId, chunk.class);
    // Whoever waits for a slot is counted there: nobody else waits for that.
    onTaken(batch.length);
    const giveBackSlot = await slot;
    try {
      if (signal.aborted) {
        // Nothing is begun that nobody is there to answer for: whoever takes the lane over sends it.
        for (const { loaded, providerId, tokens } of batch) {
          carriers.giveBack(tenant, providerId, tokens);
          lane.drop(loaded);
        }
        return;
      }
      const begins = new Map<Begin, Prepared>();
      for (const one of batch) {
        const { start, decision, loaded } = one;
        const stillHolds = (): boolean => chunk.past.isStill() && holds(loaded, start, now());
        begins.set({ start, decision, stillHolds }, one);
      }
      const begun = await lane.journal.begin([...begins.keys()], chunk.class === 'otp');
      const live: Prepared[] = [];
      const late: Prepared[] = [];
      for (const [begin, one] of begins) {
        if (!begun.has(begin)) {
          carriers.giveBack(tenant, one.providerId, one.tokens);
          placeAll(lane, [one.loaded]);
        } else (one.outgoing.expiresAt > now() ? live : late).push(one);
      }
      if (late.length > 0) await settleLate(lane, late);
      for (const one of live) noteFailover(one);
      await call(lane, chunk, live, giveBackSlot);
    } catch (error) {
      // Whether they are recorded as begun is not known: they are found in the tables again, by then.
      onTrouble(error);
      for (const { loaded } of batch) lane.drop(loaded);
    } finally {
      giveBackSlot();
    }
  };

  const noteFailover = ({ loaded, providerId, start }: Prepared): void => {
    const before = loaded.message.attempts.at(-2);
    if (before && before.step === start.step && before.providerId !== providerId) {
      const reason = before.errorClass ?? before.outcome ?? '';
      measures.failedOver({ from: before.providerId, to: providerId, reason });
    }
    if (start.cost) measures.cost(providerId, start.cost.currency, start.cost.micros);
  };

  const settleLate = (lane: Lane, late: readonly Prepared[]): Promise<void> =>
    settle(
      lane,
      late.map(({ loaded }) => loaded),
      late.map(({ loaded: { messageId }, start: { attempt } }) =>
        tooLate({ messageId, attempt, at: now() }),
      ),
    );

  const batchesOf = (tenant: TenantId, prepared: readonly Prepared[]): Prepared[][] => {
    const open = new Map<string, Prepared[]>();
    const batches: Prepared[][] = [];
    for (const one of prepared) {
      const key = `${one.providerId} ${one.isProbe}`;
      let batch = open.get(key);
      const most = one.isProbe ? 1 : carriers.batchMax(tenant, one.providerId);
      if (!batch || batch.length >= most) {
        open.set(key, (batch = []));
        batches.push(batch);
      }
      batch.push(one);
    }
    return batches;
  };

  return {
    follow: recording.follow,
    send: async (lane, window, all, onTaken) => {
      let counted = 0;
      const taken = (messages: number): void => {
        counted += messages;
        onTaken(messages);
      };
      try {
        const { tenant } = lane;
        const { class: of, channel } = window;
        const { rules } = options.outreach.rules(tenant);
        const chunk: ChunkOf = { tenant, class: of, channel, rules };
        const past = await pastOf(lane, chunk, tables);
        if (!past.isKnown) return putOff(window, lane, all, pastMs);
        await carriers.ready(tenant);
        const { items, joined } = await gather(lane, window, all);
        taken(joined.length);
        placeAll(lane, joined);
        const ports =
          of === 'otp'
            ? { tables: options.urgentTables, persons: options.urgentPersons, now }
            : { tables, persons, now };
        const known = await learn(ports, tenant, of, channel, rules, items);
        const preparations = items.map((one) => prepare(chunk, one, known));
        const prepared = preparations.filter((one) => one.kind === 'send');
        const rest = preparations.filter((one) => one.kind !== 'send');
        taken(rest.length);
        putBack(lane, window, rest);
        await Promise.all([
          recordRest(lane, rest),
          ...batchesOf(tenant, prepared).map((batch) =>
            sendBatch(lane, { past, ...chunk }, batch, taken),
          ),
        ]);
      } catch (error) {
        onTrouble(error);
        // The database is away.
        putOff(window, lane, all, troubleMs);
      } finally {
        onTaken(all.length - counted);
      }
    },
  };
};

const blockedMs = 1_000;
const noPlaceMs = 2_000;
const troubleMs = 1_000;

const missing: SendResult = {
  outcome: 'refused',
  errorClass: 'unknownOutcome',
  code: 'no-result',
  text: 'The provider told nothing of it.',
};

/** Nothing came in between that speaks against the attempt. */
const holds = (
  { message }: Loaded,
  { attempt, step }: { readonly attempt: number; readonly step: number },
  now: number,
): boolean => {
  const next = nextOf(message, now);
  const isNext = (message.attempts.at(-1)?.attempt ?? 0) + 1 === attempt;
  return next.kind === 'send' && next.step === step && isNext;
};
