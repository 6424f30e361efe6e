/**
 * What mail servers answer, and what it means. The stage counts as much as the code: 550 to a recipient speaks of the address, 550 to the
 * text of the text, 550 to the sender of our account.
 */
import type { ErrorClass } from '../../../../domain/message/kinds.js';
import type { SendResult } from '../port.js';
import { refusal } from '../results.js';

/** As nodemailer's connection reports. */
export interface SmtpError extends Error {
  readonly code?: string;
  readonly originalCode?: string;
  readonly responseCode?: number;
  readonly response?: string;
  readonly command?: string;
}

type Stage = 'connect' | 'auth' | 'sender' | 'recipient' | 'text';

/** @param isBegun the text was on its way. */
const stageOf = (error: SmtpError, isBegun: boolean): Stage => {
  const { command = '', code } = error;
  if (code === 'EAUTH' || command.startsWith('AUTH')) return 'auth';
  if (isBegun || command === 'DATA') return 'text';
  if (command === 'RCPT TO') return 'recipient';
  return command === 'MAIL FROM' ? 'sender' : 'connect';
};

/** X.Y.Z of RFC 3463 where the server has it. */
const enhancedOf = (response: string): string =>
  /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1] ?? '';

/** Greylisting is none: it speaks of one letter, and the others may go on. */
const slowDown =
  /rate.?limit|too many (?:connections|messages|mails)|throttl|slow down|\b4\.7\.28\b/i;
const throttleMs = 60_000;

/** Of a refusal that is for good, by its stage; the first that matches the enhanced code. */
const permanent: Readonly<Record<Stage, readonly (readonly [RegExp, ErrorClass])[]>> = {
  connect: [[/^/, 'accountPermanent']],
  auth: [[/^/, 'accountPermanent']],
  sender: [
    [/^5\.3\.4$/, 'contentPermanent'],
    [/^/, 'accountPermanent'],
  ],
  recipient: [
    // Full today; relaying or a block list: it is us that are refused, not the recipient.
    [/^5\.2\.2$/, 'transient'],
    [/^5\.7\./, 'accountPermanent'],
    [/^/, 'recipientPermanent'],
  ],
  text: [
    [/^5\.1\./, 'recipientPermanent'],
    [/^5\.2\.2$/, 'transient'],
    [/^/, 'contentPermanent'],
  ],
};

const classOf = (stage: Stage, code: number, response: string): ErrorClass => {
  if (code < 500) return slowDown.test(response) ? 'throttled' : 'transient';
  const enhanced = enhancedOf(response);
  return permanent[stage].find(([pattern]) => pattern.test(enhanced))?.[1] ?? 'transient';
};

/** What somebody has to mend before anything can be sent. */
const configuration = new Set(['ADDRESS_REFUSED', 'ETLS', 'ENOAUTH', 'EAUTH']);

const isCertificate = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

export const resultOf = (error: SmtpError, isBegun: boolean): SendResult => {
  const { responseCode, response = '', message } = error;
  if (responseCode !== undefined && responseCode >= 400) {
    const errorClass = classOf(stageOf(error, isBegun), responseCode, response);
    const code = enhancedOf(response) || responseCode;
    const wait = errorClass === 'throttled' ? { retryAfterMs: throttleMs } : {};
    return refusal(errorClass, code, message, { response, ...wait });
  }
  const code = error.originalCode ?? error.code ?? error.name;
  if (isBegun) return refusal('unknownOutcome', code, `Cut off within the text: ${message}`);
  if (error.code === 'EMESSAGE' || error.code === 'EENVELOPE') {
    const aboutAddress = /recipient/i.test(message);
    return refusal(aboutAddress ? 'recipientPermanent' : 'contentPermanent', code, message);
  }
  const mend =
    configuration.has(code) || configuration.has(error.code ?? '') || isCertificate.test(code);
  return refusal(mend ? 'accountPermanent' : 'transient', code, message);
};
