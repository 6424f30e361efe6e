/**
 * What letters report of other letters: delivery status notifications (RFC 3464), complaints in the abuse reporting format (RFC 5965), and
 * those that Outlook sends in a form of its own. Pure. Nothing is judged here: a report is told as it stands, with every place in which the letter that it is about may be named.
 */
import { LetterUnreadable } from './fault.js';
import { firstOf, type Head, readHead } from './head.js';
import { leavesOf, type Part, readLetter } from './mime.js';

/** As the fields of one recipient have it; empty: left out. */
export interface RecipientReport {
  /** Lower case: failed, delayed, delivered, relayed, expanded. */
  readonly action: string;
  /** RFC 3463, with whatever follows it. */
  readonly status: string;
  readonly diagnostic: string;
}

interface Told {
  /** Where the letter may be named, the surest first. */
  readonly traces: readonly string[];
  /** When it happened, as it is written, the closest first. */
  readonly dates: readonly string[];
}

export type Report =
  | (Told & { readonly kind: 'delivery'; readonly recipients: readonly RecipientReport[] })
  /** `feedback`: its type, lower case: abuse, fraud, opt-out … */
  | (Told & { readonly kind: 'feedback'; readonly feedback: string });

const recipientsMax = 100;
const deliveryTypes: readonly string[] = [
  'message/delivery-status',
  'message/global-delivery-status',
];
const returnedTypes: readonly string[] = [
  'message/rfc822',
  'message/global',
  'text/rfc822-headers',
  'message/rfc822-headers',
  'message/global-headers',
];

/** Fields in groups that are divided by empty lines. */
const groupsOf = (lines: readonly string[]): Head[] => {
  const groups: Head[] = [];
  let at = 0;
  while (at < lines.length) {
    const { head, next } = readHead(lines, at, lines.length);
    if (head.size > 0) groups.push(head);
    if (groups.length > recipientsMax + 1) throw new LetterUnreadable('too-many-recipients');
    // What is neither a field nor empty is passed over.
    at = Math.max(next, at + 1);
  }
  return groups;
};

/** Bytes of other alphabets, which most servers write as UTF-8. */
const readable = (text: string): string => Buffer.from(text, 'latin1').toString('utf8');

/** `rfc3464; …`: without what it is of. */
const plain = (value: string): string => value.slice(value.indexOf(';') + 1).trim();

const recipientOf = (group: Head): RecipientReport => ({
  action: (firstOf(group, 'action').split(/[\s(]/)[0] ?? '').toLowerCase(),
  status: firstOf(group, 'status'),
  diagnostic: readable(plain(firstOf(group, 'diagnostic-code'))),
});

const all = (head: Head, names: readonly string[]): string[] =>
  names.flatMap((name) => head.get(name) ?? []);

/** The addresses that a letter was sent to, by what servers on the way write down. */
const sentTo: readonly string[] = [
  ...['x-original-to', 'delivered-to', 'envelope-to', 'x-envelope-to', 'to'],
];
const repliesTo: readonly string[] = ['in-reply-to', 'references'];

const returnedHead = (leaves: readonly Part[]): Head => {
  const returned = leaves.find(({ type }) => returnedTypes.includes(type));
  if (!returned) return new Map();
  const lines = returned.lines();
  const first = lines.findIndex((line) => line !== '');
  return first < 0 ? new Map() : readHead(lines, first, lines.length).head;
};

const tracesOf = (letter: Part, told: readonly string[], returned: Head): string[] => [
  ...all(letter.head, sentTo),
  ...told,
  ...all(returned, ['message-id', 'return-path']),
  ...all(letter.head, repliesTo),
];

const isRecipient = (group: Head): boolean =>
  group.has('action') || group.has('status') || group.has('final-recipient');

/** Gmail leaves the report empty where it gave up by itself, and names who failed in the head alone. */
const failedOf = (letter: Part): Head[] =>
  letter.head.has('x-failed-recipients') ? [new Map([['action', ['failed']]])] : [];

const deliveryOf = (letter: Part, leaves: readonly Part[], part: Part): Report => {
  const groups = groupsOf(part.lines());
  const given = groups.filter(isRecipient);
  const ofRecipients = given.length > 0 ? given : failedOf(letter);
  if (ofRecipients.length === 0) throw new LetterUnreadable('no-action');
  const told = groups.flatMap((group) => all(group, ['original-envelope-id']));
  return {
    kind: 'delivery',
    recipients: ofRecipients.map(recipientOf),
    traces: tracesOf(letter, told, returnedHead(leaves)),
    dates: [
      ...ofRecipients.flatMap((group) => all(group, ['last-attempt-date'])),
      ...all(letter.head, ['date']),
      ...groups.flatMap((group) => all(group, ['arrival-date'])),
    ],
  };
};

const feedbackOf = (letter: Part, leaves: readonly Part[], part: Part): Report => {
  const [fields = new Map() as Head] = groupsOf(part.lines());
  const told = all(fields, ['original-envelope-id', 'original-mail-from']);
  return {
    kind: 'feedback',
    feedback: firstOf(fields, 'feedback-type').toLowerCase(),
    traces: tracesOf(letter, told, returnedHead(leaves)),
    dates: [...all(letter.head, ['date']), ...all(fields, ['arrival-date', 'received-date'])],
  };
};

/** Outlook returns the letter alone, with who complained in its head. */
const complained = 'x-hmxmroriginalrecipient';

const outlookOf = (letter: Part, leaves: readonly Part[]): Report | null => {
  const returned = returnedHead(leaves);
  if (!returned.has(complained)) return null;
  const dates = all(letter.head, ['date']);
  return { kind: 'feedback', feedback: 'abuse', traces: tracesOf(letter, [], returned), dates };
};

/** @throws LetterUnreadable, and nothing else */
export const readReport = (bytes: Buffer): Report => {
  const letter = readLetter(bytes);
  const leaves = leavesOf(letter);
  const delivery = leaves.find(({ type }) => deliveryTypes.includes(type));
  if (delivery) return deliveryOf(letter, leaves, delivery);
  const feedback = leaves.find(({ type }) => type === 'message/feedback-report');
  if (feedback) return feedbackOf(letter, leaves, feedback);
  const complaint = outlookOf(letter, leaves);
  if (complaint) return complaint;
  throw new LetterUnreadable('no-report');
};
