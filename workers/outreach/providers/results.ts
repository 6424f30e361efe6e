/** The answers of providers in one wording, and calls for several messages at a time. */
import type { ErrorClass } from '../../../domain/message/kinds.js';
import type { Outgoing, SendResult } from './port.js';

const textMax = 500;
const responseMax = 4_096;
const codeMax = 80;
const referenceMax = 200;

export interface RefusalDetails {
  readonly retryAfterMs?: number;
  readonly response?: string;
}

export const refusal = (
  errorClass: ErrorClass,
  code: string | number,
  text: string,
  { retryAfterMs, response }: RefusalDetails = {},
): SendResult => ({
  outcome: 'refused',
  errorClass,
  code: String(code).slice(0, codeMax),
  text: text.slice(0, textMax),
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  ...(response === undefined ? {} : { response: response.slice(0, responseMax) }),
});

export const submitted = (providerReference?: string | number, response?: string): SendResult => ({
  outcome: 'submitted',
  ...(providerReference === undefined
    ? {}
    : { providerReference: String(providerReference).slice(0, referenceMax) }),
  ...(response === undefined ? {} : { response: response.slice(0, responseMax) }),
});

/** Nothing of it was written: the queue takes it again. */
export const notSent = (): SendResult =>
  refusal('transient', 'not-sent', 'The deadline came before it was sent.');

/** Whoever breaks says nothing about how far it came. */
const broken = (): SendResult =>
  refusal('unknownOutcome', 'broken', 'The call broke; see the log of the process.');

/**
 * A result for each, in order, at most so many at a time; what the deadline keeps from beginning was not sent. One that breaks keeps no
 * other back.
 */
export const eachOf = async (
  messages: readonly Outgoing[],
  atOnce: number,
  deadline: AbortSignal,
  send: (message: Outgoing) => Promise<SendResult>,
  onTrouble: (error: unknown) => void,
): Promise<readonly SendResult[]> => {
  const results: SendResult[] = [];
  let next = 0;
  const sent = async (message: Outgoing): Promise<SendResult> => {
    try {
      return await send(message);
    } catch (error) {
      onTrouble(error);
      return broken();
    }
  };
  const work = async (): Promise<void> => {
    while (next < messages.length) {
      const index = next;
      next += 1;
      const message = messages[index] as Outgoing;
      results[index] = deadline.aborted ? notSent() : await sent(message);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, messages.length) }, work));
  return results;
};

/** Of a server that broke over the request, or a gateway in front of it that gave up waiting: it may have been carried out. */
export const leavesUnknown = (status: number): boolean =>
  [500, 502, 504, 520, 522, 524].includes(status);

/** Seconds or a date (RFC 9110), in milliseconds from now; undefined where it is neither. At most a day. */
export const retryAfterMsOf = (header: string | undefined, now: number): number | undefined => {
  if (header === undefined || header === '') return undefined;
  const seconds = Number(header);
  const wait = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - now;
  if (!Number.isFinite(wait)) return undefined;
  return Math.min(86_400_000, Math.max(0, Math.round(wait)));
};
