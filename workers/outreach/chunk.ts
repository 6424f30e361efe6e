/**
 * Sends a chunk of messages of one window: what is to be known is learned for all of them at once, each is decided on, and those that can go
 * are handed over in calls as large as their provider takes. Each call: a slot, the record that its attempts begin, the call, the record of
 * what became of them. A message is in hand until what became of it is in the log.
 */
import type { Log } from '../../commands/log.js';
import type { Outreach } from '../../commands/outreach.js';
import type { Renderer } from '../../commands/template/render.js';
import type { TenantId } from '../../domain/ids.js';
import {
  type Change,
  evolve,
  type Message,
  type Next,
  nextOf,
} from '../../domain/message/message.js';
import { pause } from '../../projections/pause.js';
import { type Answer, answerOf, orphaned, reconciledAnswer, tooLate } from './answers.js';
import type { CarrierPool } from './carriers.js';
import { type Begin, JournalClosed, mayPass, type Said } from './journal.js';
import { createDigesting } from './digesting.js';
import { learn } from './knowledge.js';
import type { Lane } from './lane.js';
import type { Loaded } from './loaded.js';
import type { OutreachMeasures } from './measures.js';
import { createLately } from './lately.js';
import type { Persons, QueueTables } from './ports.js';
import type { SendResult } from './providers/port.js';
import type { Suppress } from './receipts.js';
import { type ChunkOf, createPrepare, type Preparation, type Prepared } from './prepare.js';
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
  /** What is to be done for messages besides sending them: the next step, the end, asking the provider. Never rejects. */
  follow(lane: Lane, items: readonly Loaded[]): Promise<void>;
}

/** A message that went in circles would do so for ever. */
const followMax = 20;

interface Step {
  readonly advanced: NonNullable<Said['advanced']>[number][];
  readonly ended: NonNullable<Said['ended']>[number][];
}

export const createChunks = (options: ChunkOptions): Chunks => {
  const { carriers, measures, now, onTrouble, signal, tables, persons } = options;
  const lately = createLately(now);
  const prepare = createPrepare({
    ...{ outreach: options.outreach, renderer: options.renderer, carriers, now },
    lately,
    ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
  });

  /** Until it is in the log, this process ends, or the log says that it will never have it. @returns whether it is. */
  const record = async (lane: Lane, said: Said): Promise<boolean> => {
    for (let tries = 1; ; tries += 1) {
      try {
        await lane.journal.say(said);
        return true;
      } catch (error) {
        if (error instanceof JournalClosed || signal.aborted) return false;
        onTrouble(error);
        if (!mayPass(error)) return false;
        await pause(Math.min(500 * tries, 10_000), signal);
      }
    }
  };

  const gather = createDigesting({ log: options.log, now, record });

  /** What follows from the state at once: the next step, the end. @returns what it is then, and what it needs next. */
  const followUp = (message: Message, step: Step): { message: Message; next: Next } => {
    let current = message;
    for (let turns = 0; turns < followMax; turns += 1) {
      const at = now();
      const next = nextOf(current, at);
      const change = changeOf(current, next, at, step);
      if (!change) return { message: current, next };
      current = evolve(current, change);
    }
    return { message: current, next: { kind: 'done' } };
  };

  const placeAll = (lane: Lane, items: readonly Loaded[]): void => {
    const more: Loaded[] = [];
    for (const one of items) {
      const next = lane.place(one);
      if (one.state === 'busy' && needsWork(next)) more.push(one);
    }
    if (more.length > 0) void follow(lane, more);
  };

  const measureEnds = (items: readonly Loaded[]): void => {
    const at = now();
    for (const { message } of items) {
      if (message.endedAt === null) continue;
      const channel = message.steps[message.step]?.channel ?? '';
      const { class: of, status, reason } = message;
      measures.ended({ channel, class: of, status }, 1);
      if (status === 'delivered') measures.delivered(of, at - message.acceptedAt);
      if (status === 'expired') measures.expired(of);
      if (status === 'suppressed') measures.suppressed(reason ?? '');
    }
  };

  /** Records answers with all that follows from them, and puts the messages where they belong then. */
  const settle = async (
    lane: Lane,
    items: readonly Loaded[],
    answers: readonly Answer[],
  ): Promise<void> => {
    const step: Step = { advanced: [], ended: [] };
    const recordedAt = now();
    items.forEach((one, index) => {
      const item = answers[index];
      if (!item) return;
      const change: Change = { type: 'AttemptsAnswered', item, at: recordedAt, position: 0n };
      followUp(evolve(one.message, change), step);
    });
    if (!(await record(lane, { answers: [...answers], ...step }))) {
      for (const one of items) lane.drop(one);
      return;
    }
    measureEnds(items);
    placeAll(lane, items);
  };

  const reconcile = async (lane: Lane, one: Loaded, attempt: number): Promise<void> => {
    const { messageId } = one;
    const tried = one.message.attempts.find((each) => each.attempt === attempt);
    if (!tried) return lane.drop(one);
    if (tried.outcome === null) {
      // Marked first: whatever comes next, it is told that nobody knew.
      await settle(lane, [one], [orphaned({ messageId, attempt, at: now() })]);
      return;
    }
    const started = performance.now();
    const found = await carriers.reconcile(lane.tenant, tried.providerId, tried.clientReference);
    const ms = Math.round(performance.now() - started);
    const about = { messageId, attempt, at: now(), ms };
    const answer = reconciledAnswer(found, about, tried.reconciliations);
    const { providerId: provider, channel, address, clientReference } = tried;
    measures.attempted({ provider, channel, outcome: `reconciled-${answer.outcome}` }, 1);
    // Attempts of before the address was kept have none.
    if (answer.errorClass === 'recipientPermanent' && address) {
      options.suppress(lane.tenant, { channel, address }, answer.code ?? '', clientReference);
    }
    await settle(lane, [one], [answer]);
  };

  const follow: Chunks['follow'] = async (lane, items) => {
    const step: Step = { advanced: [], ended: [] };
    const moved: Loaded[] = [];
    const asked: Promise<void>[] = [];
    for (const one of items) {
      one.state = 'busy';
      const next = nextOf(one.message, now());
      if (next.kind === 'reconcile') asked.push(reconcile(lane, one, next.attempt));
      else {
        followUp(one.message, step);
        moved.push(one);
      }
    }
    if (step.advanced.length + step.ended.length > 0 && !(await record(lane, { ...step }))) {
      for (const one of moved) lane.drop(one);
    } else {
      measureEnds(moved);
      placeAll(lane, moved);
    }
    await Promise.all(asked);
  };

  /** Of what was recorded instead of an attempt. */
  const recordRest = async (lane: Lane, rest: readonly Preparation[]): Promise<void> => {
    const step: Step = { advanced: [], ended: [] };
    const held: NonNullable<Said['held']>[number][] = [];
    const moved: Loaded[] = [];
    for (const one of rest) {
      const { messageId, message } = one.loaded;
      if (one.kind === 'hold') {
        const { reason, detail } = one;
        held.push({ messageId, until: new Date(one.until).toISOString(), reason, detail });
        moved.push(one.loaded);
      } else if (one.kind === 'over') {
        const at = now();
        const told = { reason: one.reason, detail: one.detail };
        const change = changeOf(message, one.next, at, step, told);
        if (change) followUp(evolve(message, change), step);
        moved.push(one.loaded);
      }
    }
    if (moved.length === 0) return;
    const isIn = await record(lane, { ...step, held });
    if (!isIn) return moved.forEach(lane.drop);
    measureEnds(moved);
    placeAll(lane, moved);
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

  const call = async (lane: Lane, chunk: ChunkOf, batch: readonly Prepared[]): Promise<void> => {
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
      ...{ tenant, providerId, channel, class: of, messages: batch.length, ms, outcomes, code },
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
    chunk: ChunkOf,
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
        begins.set({ start, decision, stillHolds: () => holds(loaded, start, now()) }, one);
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
      await call(lane, chunk, live);
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
    follow,
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
          ...batchesOf(tenant, prepared).map((batch) => sendBatch(lane, chunk, batch, taken)),
        ]);
      } catch (error) {
        onTrouble(error);
        // The database is away: they stay where they are, and are looked at again.
        window.blockedUntil = now() + troubleMs;
        const waiting = all.filter((one) => one.state === 'busy' && lane.has(one.messageId));
        for (const one of waiting) one.state = 'waiting';
        window.items = [...waiting, ...window.items];
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
  ...{ outcome: 'refused', errorClass: 'unknownOutcome', code: 'no-result' },
  text: 'The provider told nothing of it.',
};

const needsWork = ({ kind }: Next): boolean =>
  kind === 'advance' || kind === 'end' || kind === 'reconcile';

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

/** What a state leads to by itself, put down to be recorded; null: it waits, or something is to be done for it. */
const changeOf = (
  { messageId }: Message,
  next: Next,
  at: number,
  step: Step,
  told: { readonly reason?: string | undefined; readonly detail?: string | undefined } = {},
): Change | null => {
  const detail = told.detail === undefined ? {} : { detail: told.detail };
  if (next.kind === 'advance') {
    const item = { messageId, step: next.to, reason: told.reason ?? next.reason, ...detail };
    step.advanced.push(item);
    return { type: 'MessagesAdvanced', item, at, position: 0n };
  }
  if (next.kind === 'end') {
    const { status } = next;
    const item = { messageId, status, reason: told.reason ?? next.reason, ...detail };
    step.ended.push(item);
    return { type: 'MessagesEnded', item, at, position: 0n };
  }
  return null;
};
