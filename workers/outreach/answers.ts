/** From what a provider said of a message to what is recorded of it: without the address and the words that it may have repeated. */
import { addressForms } from '../../domain/message/address.js';
import type { Message } from '../../domain/message/message.js';
import type { Outgoing, Reconciled, SendResult } from './providers/port.js';
import type { Said } from './said.js';

export type Answer = NonNullable<Said['answers']>[number];

const throttleDefaultMs = 1_000;
/** After a call that nothing came back of: what was on its way has arrived by then. */
const askAfterMs = 10_000;
const askAgain = { firstMs: 30_000, mostMs: 3_600_000 } as const;
const textMax = 500;
const codeMax = 80;
const referenceMax = 200;
const responseMax = 4_096;
/** Shorter words are found everywhere. */
const wordMin = 4;

/** What may not be told of a message, taken out of a text. */
export const masked = (text: string, { to, content }: Pick<Outgoing, 'to' | 'content'>): string => {
  const { subject, text: said, html, link } = content;
  const hidden = [...addressForms(to), said, subject, html, link].filter(
    (word): word is string => word !== undefined && word.length >= wordMin,
  );
  let shown = text;
  for (const word of hidden) {
    shown = shown.replaceAll(word, '***');
    const asJson = JSON.stringify(word).slice(1, -1);
    if (asJson !== word) shown = shown.replaceAll(asJson, '***');
  }
  return shown;
};

const outcomeOf = (errorClass: Extract<SendResult, { outcome: 'refused' }>['errorClass']) => {
  switch (errorClass) {
    case 'throttled':
      return 'throttled';
    case 'transient':
      return 'retryable';
    case 'unknownOutcome':
      return 'unknown';
    default:
      return 'permanent';
  }
};

const time = (at: number): string => new Date(at).toISOString();

const retryOf = (result: Extract<SendResult, { outcome: 'refused' }>, at: number) => {
  switch (result.errorClass) {
    case 'throttled':
      return { retryAt: time(at + (result.retryAfterMs ?? throttleDefaultMs)) };
    case 'transient':
      return result.retryAfterMs === undefined ? {} : { retryAt: time(at + result.retryAfterMs) };
    case 'unknownOutcome':
      return { retryAt: time(at + askAfterMs) };
    case 'accountPermanent':
      // It is the account's fault: another provider may take it at once.
      return { retryAt: time(at) };
    default:
      return {};
  }
};

export interface Answered {
  readonly messageId: Message['messageId'];
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly ms: number;
  /** What may not be told of it; null: nothing that is known here. */
  readonly outgoing: Pick<Outgoing, 'to' | 'content'> | null;
}

export const answerOf = (result: SendResult, about: Answered): Answer => {
  const { messageId, attempt, at, ms, outgoing } = about;
  const shown = (text: string): string => (outgoing ? masked(text, outgoing) : text);
  const response =
    result.response === undefined || result.response === ''
      ? {}
      : { response: shown(result.response).slice(0, responseMax) };
  const told = { messageId, attempt, at: time(at), ms, ...response };
  if (result.outcome === 'submitted') {
    const { providerReference } = result;
    const isKept = providerReference !== undefined && providerReference.length <= referenceMax;
    return { outcome: 'submitted', ...told, ...(isKept ? { providerReference } : {}) };
  }
  return {
    outcome: outcomeOf(result.errorClass),
    errorClass: result.errorClass,
    code: shown(result.code).slice(0, codeMax),
    text: shown(result.text).slice(0, textMax),
    ...told,
    ...retryOf(result, at),
  };
};

/** @param asked how often before. */
export const reconciledAnswer = (
  found: Reconciled,
  about: Omit<Answered, 'outgoing'>,
  asked: number,
): Answer => {
  const { messageId, attempt, at, ms } = about;
  const told = { messageId, attempt, at: time(at), ms, reconciled: true } as const;
  switch (found.outcome) {
    case 'never-arrived':
      return {
        ...told,
        outcome: 'retryable',
        errorClass: 'transient',
        code: 'never-arrived',
        text: 'The provider was asked: it never arrived.',
      };
    case 'unknown': {
      if (found.cannotBeAsked) {
        return {
          ...told,
          outcome: 'unknown',
          errorClass: 'unknownOutcome',
          code: 'cannot-be-asked',
        };
      }
      const wait = Math.min(askAgain.firstMs * 2 ** asked, askAgain.mostMs);
      return {
        ...told,
        outcome: 'unknown',
        errorClass: 'unknownOutcome',
        code: 'not-known',
        retryAt: time(at + wait),
      };
    }
    default:
      return { ...answerOf(found, { ...about, outgoing: null }), reconciled: true };
  }
};

/** Of an attempt whose answer nobody lived to record. */
export const orphaned = (about: Omit<Answered, 'outgoing' | 'ms'>): Answer => ({
  messageId: about.messageId,
  attempt: about.attempt,
  at: time(about.at),
  ms: 0,
  outcome: 'unknown',
  errorClass: 'unknownOutcome',
  code: 'no-answer-recorded',
  text: 'Whoever sent it recorded no answer.',
});

/** Begun and not sent after all: it was too late by then. */
export const tooLate = (about: Omit<Answered, 'outgoing' | 'ms'>): Answer => ({
  messageId: about.messageId,
  attempt: about.attempt,
  at: time(about.at),
  ms: 0,
  outcome: 'permanent',
  errorClass: 'expired',
  code: 'not-sent',
  text: 'It expired before it could be sent.',
});
