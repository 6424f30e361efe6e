/**
 * A message as a letter: MIME, with the client reference as its Message-ID, by which mail servers' logs name it. Where bounces are waited
 * for, whatever may come back with one is marked: the sender of the envelope, its id, the Message-ID.
 */
import type MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { Outgoing } from '../port.js';
import type { LetterMarks } from './mark.js';
import type { SmtpSettings } from './settings.js';

export interface Letter {
  readonly envelope: {
    readonly from: string;
    readonly to: readonly string[];
    /** What servers that know of reports are asked for (RFC 3461). */
    readonly dsn?: Reports;
  };
  readonly messageId: string;
  readonly mime: Buffer;
}

interface Reports {
  readonly ret: 'HDRS';
  readonly envid: string;
  readonly notify: ('SUCCESS' | 'FAILURE' | 'DELAY')[];
  readonly orcpt?: string;
}

const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);

/** Of what recipients may object to, with one click (RFC 8058) where there is an address for it. */
const listHeaders = (
  { content, class: urgency, clientReference }: Outgoing,
  { unsubscribeMailbox }: SmtpSettings,
): Record<string, string> => {
  if (urgency !== 'marketing' && content.unsubscribe === undefined) return {};
  const ways = [
    ...(content.unsubscribe === undefined ? [] : [`<${content.unsubscribe}>`]),
    ...(unsubscribeMailbox === undefined
      ? []
      : [`<mailto:${unsubscribeMailbox}?subject=unsubscribe%20${clientReference}>`]),
  ];
  if (ways.length === 0) return {};
  const oneClick = content.unsubscribe?.startsWith('https:') ?? false;
  return {
    'List-Unsubscribe': ways.join(', '),
    ...(oneClick ? { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' } : {}),
  };
};

const priorities = { otp: 'high', transactional: 'normal', service: 'normal', marketing: 'low' };

const envelopeOf = (
  { clientReference }: Outgoing,
  email: string,
  { from, bounces }: SmtpSettings,
  marks: LetterMarks | null,
): Letter['envelope'] => {
  if (!bounces || !marks) return { from: from.address, to: [email] };
  const sender = marks.sender(bounces.address, clientReference);
  const envid = marks.of(clientReference);
  if (envid === null) return { from: sender, to: [email] };
  const confirmed = bounces.confirmations ?? false;
  const notify: Reports['notify'] = [
    'FAILURE',
    'DELAY',
    ...(confirmed ? ['SUCCESS' as const] : []),
  ];
  // Of another alphabet it would need a form of its own, which few servers know.
  const isPlain = /^[\x21-\x7e]+$/.test(email);
  const original = isPlain ? { orcpt: `rfc822;${email}` } : {};
  const dsn: Reports = { ret: 'HDRS', envid, notify, ...original };
  return { from: sender, to: [email], dsn };
};

/** @throws TypeError for a message to something else than an e-mail address. */
export const writeLetter = async (
  Composer: typeof MailComposer,
  message: Outgoing,
  settings: SmtpSettings,
  marks: LetterMarks | null,
): Promise<Letter> => {
  const { to, content, clientReference, class: urgency } = message;
  if (to.kind !== 'email') throw new TypeError(`A letter cannot be sent to a ${to.kind}.`);
  const { from, replyTo, messageIdDomain = domainOf(from.address) } = settings;
  const named = marks?.messageId(clientReference) ?? clientReference;
  const messageId = `<${named}@${messageIdDomain}>`;
  const composer = new Composer({
    from: { address: from.address, name: from.name ?? '' },
    to: { address: to.email, name: to.name ?? '' },
    ...(replyTo === undefined ? {} : { replyTo }),
    subject: content.subject ?? '',
    text: content.text,
    ...(content.html === undefined ? {} : { html: content.html }),
    priority: priorities[urgency] as 'high' | 'normal' | 'low',
    headers: {
      // On one line whatever its length: folded ones come back spoilt from some servers.
      'Message-ID': { prepared: true, foldLines: false, value: messageId },
      'Auto-Submitted': 'auto-generated',
      ...(urgency === 'marketing' ? { Precedence: 'bulk' } : {}),
      ...listHeaders(message, settings),
    },
    // Nothing of a template may make us read a file or call anybody.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const mime = await composer.compile().build();
  return { envelope: envelopeOf(message, to.email, settings, marks), messageId, mime };
};
