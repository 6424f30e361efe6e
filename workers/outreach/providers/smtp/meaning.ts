/**
 * What a report means for the attempt that it is about: one receipt. Enhanced status codes (RFC 3463) say whether the address is at fault
 * for good, the text, or nobody that can be named: such a message did not arrive, and its address stays as it is.
 */
import type { ErrorClass } from '../../../../domain/message/kinds.js';
import type { Receipt } from '../port.js';
import { LetterUnreadable } from './report/fault.js';
import type { RecipientReport, Report } from './report/report.js';

/** What is known of a failure by its code; the first that matches. Full mailboxes, policies and delays that became too long are none. */
const classes: readonly (readonly [RegExp, ErrorClass])[] = [
  // No such mailbox, no such domain, not an address, moved, a domain that takes no mail.
  [/^5\.1\.(1|2|3|6|10)$/, 'recipientPermanent'],
  // Switched off.
  [/^5\.2\.1$/, 'recipientPermanent'],
  // Too large, or of a form that nobody takes.
  [/^5\.(2\.3|3\.4|6\.\d+)$/, 'contentPermanent'],
];

const codePattern = /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)/;
/** Servers that tell no more than 5.0.0, or 5.2.0, have the rest in the words of the one that refused. */
const isVague = (code: string): boolean => code.endsWith('.0');
const saysNoReason = /^5\.[0-2]\.0$/;
const unknownMailbox = [
  ...['user unknown', 'unknown user', 'no such user', 'user not found', 'no such recipient'],
  ...['no such mailbox', 'recipient not found', 'mailbox not found', 'unknown recipient'],
  ...['does not exist', "doesn't exist", 'no mailbox here by that name'],
];
const mailboxUnknown = '5.1.1';

const codeOf = ({ status, diagnostic, action }: RecipientReport): string => {
  const code = codePattern.exec(status)?.[1] ?? (action === 'failed' ? '5.0.0' : '');
  if (!isVague(code)) return code;
  const closer = codePattern.exec(diagnostic)?.[1];
  if (closer !== undefined && !isVague(closer)) return closer;
  const words = diagnostic.toLowerCase();
  // Of a sender who does not exist, whom it may speak of, no recipient is at fault.
  if (!saysNoReason.test(code) || words.includes('sender')) return code;
  return unknownMailbox.some((phrase) => words.includes(phrase)) ? mailboxUnknown : code;
};

const byFirstDigit: Readonly<Record<string, string>> = {
  2: 'delivered',
  4: 'delayed',
  5: 'failed',
};

/** The best first: of a letter that was given on to several it arrived where it did for one. */
const actions: readonly (readonly [string, Receipt['status']])[] = [
  ['delivered', 'delivered'],
  ['relayed', 'deliveredToOperator'],
  ['expanded', 'deliveredToOperator'],
  ['delayed', 'delayed'],
  ['failed', 'undelivered'],
];

const actionOf = ({ action, status }: RecipientReport): string =>
  action || (byFirstDigit[status.trim()[0] ?? ''] ?? '');

type Meaning = Omit<Receipt, 'clientReference' | 'providerReference' | 'at'>;

const deliveryMeaning = (recipients: readonly RecipientReport[]): Meaning => {
  const told = actions.flatMap(([action, status]) =>
    recipients.filter((one) => actionOf(one) === action).map((one) => ({ one, status })),
  );
  const [best] = told;
  if (!best) throw new LetterUnreadable('no-action');
  const { one, status } = best;
  const code = codeOf(one);
  const words = {
    ...(code === '' ? {} : { code }),
    ...(one.diagnostic === '' ? {} : { text: one.diagnostic.slice(0, 500) }),
  };
  if (status !== 'undelivered') return { status, ...words };
  const errorClass = classes.find(([pattern]) => pattern.test(code))?.[1];
  // An address is given up only where nothing of the report speaks for it.
  const isOfAll = recipients.every(
    (each) => classes.find(([pattern]) => pattern.test(codeOf(each)))?.[1] === errorClass,
  );
  return {
    status,
    cause: 'bounce',
    ...(errorClass === undefined || !isOfAll ? {} : { errorClass }),
    ...words,
  };
};

/** Kinds of feedback by which a recipient says not to want it. */
const complaints: ReadonlySet<string> = new Set(['abuse', 'fraud', 'opt-out', 'opt-out-list']);

const feedbackMeaning = (feedback: string): Meaning => {
  if (!complaints.has(feedback)) throw new LetterUnreadable('feedback-unused');
  // Who complains of it has it.
  return { status: 'delivered', cause: 'complaint', code: feedback };
};

const earliest = Date.parse('2000-01-01T00:00:00Z');
const day = 86_400_000;

/** As the report has it, so that it is the same receipt when it is handed over again. */
const timeOf = (dates: readonly string[], now: number): number => {
  for (const date of dates) {
    const time = Date.parse(date);
    if (time >= earliest && time <= now + day) return time;
  }
  throw new LetterUnreadable('no-date');
};

/** @param find tells the attempt by its traces. @throws LetterUnreadable, and nothing else */
export const receiptOf = (
  report: Report,
  find: (traces: readonly string[]) => string | null,
  now: number,
): Receipt => {
  const meaning =
    report.kind === 'delivery'
      ? deliveryMeaning(report.recipients)
      : feedbackMeaning(report.feedback);
  const clientReference = find(report.traces);
  if (clientReference === null) throw new LetterUnreadable('not-ours');
  return { clientReference, at: timeOf(report.dates, now), ...meaning };
};
