/**
 * What a message needs next, from the facts alone: to be sent, to wait and for what, to be asked after, to go on to the next step, to end.
 *
 * Invariants: nothing is sent of what is over, after it expired, or beside an attempt on the same step that may still arrive. What nobody
 * answered for is asked after and never sent again blindly: only the next step of the strategy, whose turn it is by then, says it again.
 */
import type { Step } from '../strategy/step.js';
import type { ErrorClass, Milestone } from './kinds.js';
import { retryDelayMs, triesMax } from './retry.js';
import {
  type AttemptState,
  hasArrived,
  isOver,
  mayArrive,
  type Message,
  type TerminalStatus,
} from './state.js';

export type Next =
  | { readonly kind: 'send'; readonly step: number }
  | {
      readonly kind: 'wait';
      /** Milliseconds since the epoch; look again then, or at the next fact. */
      readonly until: number;
      readonly for: 'answer' | 'milestone' | 'retry' | 'not-before' | 'hold' | 'digest';
    }
  | { readonly kind: 'advance'; readonly to: number; readonly reason: string }
  | {
      readonly kind: 'end';
      readonly status: Exclude<TerminalStatus, 'cancelled'>;
      readonly reason: string;
    }
  /** Always to be answered (AttemptsAnswered, reconciled), as unknown too where the provider cannot tell. */
  | { readonly kind: 'reconcile'; readonly attempt: number }
  | { readonly kind: 'done' };

/** Longer than any call to a provider: whoever was to record its answer is gone. */
export const answerWithinMs = 60_000;
export const reconciliationsMax = 6;

/** What shows that the attempt got as far as its step asks; null: nothing does yet. */
export const proofOf = (attempt: AttemptState, until: Milestone): string | null => {
  const { receipt, engagement, outcome, tellsNoMore, silenceMs } = attempt;
  const isRead = engagement === 'read' || engagement === 'clicked';
  if (isRead) return engagement;
  if (until === 'read') return null;
  if (hasArrived(attempt)) return receipt === 'delivered' ? 'delivered' : 'seen';
  if (receipt === 'undelivered') return null;
  if (until === 'delivered') return tellsNoMore && outcome === 'submitted' ? 'accepted' : null;
  if (receipt === 'deliveredToOperator') return 'sent';
  const isEnough = until === 'accepted' || tellsNoMore || silenceMs !== undefined;
  return isEnough && outcome === 'submitted' ? 'accepted' : null;
};

const proofIn = (message: Message): string | null => {
  for (const attempt of message.attempts) {
    const step = message.steps[attempt.step];
    const proof = step ? proofOf(attempt, step.until) : null;
    if (proof !== null) return proof;
  }
  return null;
};

/**
 * When silence becomes proof: of an attempt that was taken by a provider which reports failures only, at the latest when the time of its
 * step is over. Null: never.
 */
const silenceEnds = (attempt: AttemptState, step: Step, stepEnds: number): number | null => {
  const { silenceMs, outcome, receipt, answeredAt, startedAt } = attempt;
  const isSilent = receipt === null || receipt === 'deliveredToOperator';
  if (silenceMs === undefined || outcome !== 'submitted' || !isSilent) return null;
  return step.until === 'read' ? null : Math.min(stepEnds, (answeredAt ?? startedAt) + silenceMs);
};

const isUnknown = ({ outcome, receipt, engagement }: AttemptState): boolean =>
  (outcome === null || outcome === 'unknown') && receipt === null && engagement === null;

/** It is the provider's turn to say what became of it. */
const isToReconcile = (attempt: AttemptState, now: number): boolean => {
  if (!isUnknown(attempt)) return false;
  if (attempt.outcome === null) return now >= attempt.startedAt + answerWithinMs;
  if (attempt.reconciliations === 0) return attempt.retryAt === null || now >= attempt.retryAt;
  const { retryAt, reconciliations } = attempt;
  return retryAt !== null && now >= retryAt && reconciliations < reconciliationsMax;
};

/** The next step that can say it: of a text that nobody carries, one that has another. */
const stepAfter = (message: Message, errorClass: ErrorClass | null): number | null => {
  const { steps, step } = message;
  for (let next = step + 1; next < steps.length; next += 1) {
    if (errorClass !== 'contentPermanent' || steps[next]?.template) return next;
  }
  return null;
};

const endOf = (message: Message, reason: string, now: number): Next => {
  const { attempts } = message;
  if (attempts.some(hasArrived)) return { kind: 'end', status: 'delivered', reason };
  const open = attempts.filter(mayArrive);
  if (open.length > 0) {
    const why = open.every(isUnknown) ? 'outcome-unknown' : reason;
    return { kind: 'end', status: 'undelivered', reason: why };
  }
  const isUndelivered = attempts.some(
    ({ receipt, errorClass }) => receipt === 'undelivered' || errorClass === 'recipientPermanent',
  );
  if (isUndelivered) return { kind: 'end', status: 'undelivered', reason };
  if (now >= message.expiresAt || reason === 'expired') {
    return { kind: 'end', status: 'expired', reason: message.held?.reason ?? reason };
  }
  const status = reason === 'suppressed' ? 'suppressed' : 'failed';
  return { kind: 'end', status, reason };
};

/**
 * The present step is done with: the next one, or the end.
 * @param reason no-address, condition, suppressed … : kebab-case
 */
export const stepOver = (
  message: Message,
  reason: string,
  now: number,
  errorClass: ErrorClass | null = null,
): Next => {
  if (errorClass === 'expired' || now >= message.expiresAt) return endOf(message, 'expired', now);
  const to = stepAfter(message, errorClass);
  return to === null ? endOf(message, reason, now) : { kind: 'advance', to, reason };
};

/** When the step's time is over. Of the last one: for what is on its way; until it is, only expiry ends it. */
const endOfStep = (message: Message, step: Step, latest: AttemptState | undefined): number => {
  const wait = step.waitSeconds * 1_000;
  const isLast = message.step === message.steps.length - 1;
  if (!isLast) return message.stepSince + wait;
  return latest ? latest.startedAt + wait : Infinity;
};

const reasonOfRefusal = ({ errorClass, receipt }: AttemptState): string => {
  switch (errorClass) {
    case 'recipientPermanent':
      return 'recipient';
    case 'contentPermanent':
      return 'content';
    case 'accountPermanent':
      return 'provider-account';
    case 'expired':
      return 'expired';
    default:
      return receipt === 'undelivered' ? 'undelivered' : 'refused';
  }
};

/** Null: it is not to be tried again. Milliseconds since the epoch. */
const retryTime = (message: Message, attempt: AttemptState, tries: number): number | null => {
  const { outcome, receipt, errorClass, retryAt, startedAt } = attempt;
  const since = (receipt === 'undelivered' ? attempt.receiptAt : attempt.answeredAt) ?? startedAt;
  if (receipt !== 'undelivered' && outcome === 'throttled') return retryAt ?? since + 1_000;
  const mayPass = errorClass === 'transient' || errorClass === 'accountPermanent';
  const isOpen = receipt === 'undelivered' ? mayPass : outcome === 'retryable' || mayPass;
  const delay = isOpen && tries < triesMax ? retryDelayMs(message.messageId, tries) : null;
  if (delay === null) return null;
  return receipt === 'undelivered' ? since + delay : (retryAt ?? since + delay);
};

/** After an attempt that did not arrive. */
const afterRefusal = (
  message: Message,
  attempt: AttemptState,
  tries: number,
  stepEnds: number,
  now: number,
): Next => {
  const at = retryTime(message, attempt, tries);
  if (at === null) {
    const isUsedUp = tries >= triesMax && attempt.outcome === 'retryable';
    const reason = isUsedUp ? 'attempts-used' : reasonOfRefusal(attempt);
    return stepOver(message, reason, now, attempt.errorClass);
  }
  const hasNext = message.step < message.steps.length - 1;
  if (hasNext && Math.max(at, now) >= stepEnds) return stepOver(message, 'not-in-time', now);
  return sendAt(message, at, 'retry', now);
};

type Waiting = Extract<Next, { kind: 'wait' }>['for'];

/** Sends when nothing stands against it any more; what stands against it until it expires lets it expire. */
const sendAt = (message: Message, at: number, what: Waiting, now: number): Next => {
  if (now >= message.expiresAt) return stepOver(message, 'expired', now);
  const { held, notBefore, digest, step } = message;
  const obstacles: readonly (readonly [number, Waiting])[] = [
    [notBefore ?? 0, 'not-before'],
    [digest?.until ?? 0, 'digest'],
    [held?.until ?? 0, 'hold'],
    [at, what],
  ];
  const standing = obstacles.filter(([until]) => until > now);
  if (standing.length === 0) return { kind: 'send', step };
  const [until, why] = standing.reduce((one, other) => (other[0] > one[0] ? other : one));
  return { kind: 'wait', until: Math.min(until, message.expiresAt), for: why };
};

/** While something of the step may arrive. */
const whileOnItsWay = (
  message: Message,
  step: Step,
  latest: AttemptState,
  stepEnds: number,
  now: number,
): Next => {
  const silent = silenceEnds(latest, step, stepEnds);
  if (silent !== null && now >= silent) {
    return { kind: 'end', status: 'delivered', reason: 'nothing-came-back' };
  }
  if (silent !== null) return { kind: 'wait', until: silent, for: 'milestone' };
  if (now >= stepEnds) return stepOver(message, 'not-in-time', now);
  const wait = (until: number, what: Waiting): Next => ({ kind: 'wait', until, for: what });
  if (latest.outcome === null && latest.receipt === null) {
    return wait(Math.min(stepEnds, latest.startedAt + answerWithinMs), 'answer');
  }
  const askAgain = isUnknown(latest) && latest.reconciliations < reconciliationsMax;
  if (!askAgain || latest.retryAt === null) return wait(stepEnds, 'milestone');
  return wait(Math.min(stepEnds, latest.retryAt), 'answer');
};

/** @param now milliseconds since the epoch. */
export const nextOf = (message: Message, now: number): Next => {
  if (isOver(message) || message.digestedInto !== null) return { kind: 'done' };
  const proof = proofIn(message);
  if (proof !== null) return { kind: 'end', status: 'delivered', reason: proof };
  const unknown = message.attempts.find((attempt) => isToReconcile(attempt, now));
  if (unknown) return { kind: 'reconcile', attempt: unknown.attempt };
  const step = message.steps[message.step];
  if (!step) return endOf(message, 'no-step', now);
  const ofStep = message.attempts.filter((attempt) => attempt.step === message.step);
  const latest = ofStep.at(-1);
  const stepEnds = endOfStep(message, step, latest);
  const onItsWay = ofStep.findLast(mayArrive);
  if (onItsWay) return whileOnItsWay(message, step, onItsWay, stepEnds, now);
  const tries = ofStep.filter(({ outcome }) => outcome !== 'throttled').length;
  if (latest) return afterRefusal(message, latest, tries, stepEnds, now);
  if (now >= stepEnds && message.step < message.steps.length - 1) {
    return stepOver(message, message.held?.reason ?? 'not-in-time', now);
  }
  return sendAt(message, 0, 'retry', now);
};
