/**
 * Records what became of messages, with all that follows from it at once, and puts each where it belongs then: back in its window, waiting in
 * the tables, or on to what is to be done for it.
 *
 * Invariant: a message is in hand until what became of it is in the log. Where the log will not have it, the message is dropped, and is found
 * in the tables again.
 */
import { type Change, evolve, nextOf } from '../../domain/message/message.js';
import { pause } from '../../projections/pause.js';
import { type Answer, orphaned, reconciledAnswer } from './answers.js';
import type { CarrierPool } from './carriers.js';
import { changeOf, followUp, needsWork, type Step } from './followUp.js';
import { JournalClosed, mayPass } from './journal.js';
import type { Lane } from './lane.js';
import type { Loaded } from './loaded.js';
import type { OutreachMeasures } from './measures.js';
import type { Preparation } from './prepare.js';
import type { Suppress } from './receipts.js';
import type { Said } from './said.js';

export interface RecordingOptions {
  readonly carriers: Pick<CarrierPool, 'reconcile'>;
  readonly measures: OutreachMeasures;
  /** Nothing is sent there any more. */
  readonly suppress: Suppress;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onTrouble: (error: unknown) => void;
  readonly signal: AbortSignal;
}

export interface Recording {
  /** Until it is in the log, this process ends, or the log says that it will never have it. @returns whether it is. */
  record(lane: Lane, said: Said): Promise<boolean>;
  /** Records answers, one of each message in their order. */
  settle(lane: Lane, items: readonly Loaded[], answers: readonly Answer[]): Promise<void>;
  /** Records what is told of messages instead of an attempt. */
  recordRest(lane: Lane, rest: readonly Preparation[]): Promise<void>;
  /** What is to be done for messages besides sending them: the next step, the end, asking the provider. Never rejects. */
  follow(lane: Lane, items: readonly Loaded[]): Promise<void>;
  /** Of messages that all is recorded of: each goes where its state says. */
  placeAll(lane: Lane, items: readonly Loaded[]): void;
}

export const createRecording = (options: RecordingOptions): Recording => {
  const { carriers, measures, suppress, now, onTrouble, signal } = options;

  const record: Recording['record'] = async (lane, said) => {
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

  const placeAll: Recording['placeAll'] = (lane, items) => {
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

  const settle: Recording['settle'] = async (lane, items, answers) => {
    const step: Step = { advanced: [], ended: [] };
    const recordedAt = now();
    items.forEach((one, index) => {
      const item = answers[index];
      if (!item) return;
      const change: Change = { type: 'AttemptsAnswered', item, at: recordedAt, position: 0n };
      followUp(evolve(one.message, change), step, now);
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
      suppress(lane.tenant, { channel, address }, answer.code ?? '', clientReference);
    }
    await settle(lane, [one], [answer]);
  };

  const follow: Recording['follow'] = async (lane, items) => {
    const step: Step = { advanced: [], ended: [] };
    const moved: Loaded[] = [];
    const asked: Promise<void>[] = [];
    for (const one of items) {
      one.state = 'busy';
      const next = nextOf(one.message, now());
      if (next.kind === 'reconcile') asked.push(reconcile(lane, one, next.attempt));
      else {
        followUp(one.message, step, now);
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

  const recordRest: Recording['recordRest'] = async (lane, rest) => {
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
        if (change) followUp(evolve(message, change), step, now);
        moved.push(one.loaded);
      }
    }
    if (moved.length === 0) return;
    const isIn = await record(lane, { ...step, held });
    if (!isIn) return moved.forEach(lane.drop);
    measureEnds(moved);
    placeAll(lane, moved);
  };

  return { record, settle, recordRest, follow, placeAll };
};
