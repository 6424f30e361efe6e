/** A message as a letter: MIME, with the client reference as its Message-ID, by which bounces and mail servers' logs name it. */
import type MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { Outgoing } from '../port.js';
import type { SmtpSettings } from './settings.js';

export interface Letter {
  readonly envelope: { readonly from: string; readonly to: readonly string[] };
  readonly messageId: string;
  readonly mime: Buffer;
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

/** @throws TypeError for a message to something else than an e-mail address. */
export const writeLetter = async (
  Composer: typeof MailComposer,
  message: Outgoing,
  settings: SmtpSettings,
): Promise<Letter> => {
  const { to, content, clientReference, class: urgency } = message;
  if (to.kind !== 'email') throw new TypeError(`A letter cannot be sent to a ${to.kind}.`);
  const { from, replyTo, messageIdDomain = domainOf(from.address) } = settings;
  const messageId = `<${clientReference}@${messageIdDomain}>`;
  const composer = new Composer({
    from: { address: from.address, name: from.name ?? '' },
    to: { address: to.email, name: to.name ?? '' },
    ...(replyTo === undefined ? {} : { replyTo }),
    subject: content.subject ?? '',
    text: content.text,
    ...(content.html === undefined ? {} : { html: content.html }),
    messageId,
    priority: priorities[urgency] as 'high' | 'normal' | 'low',
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(urgency === 'marketing' ? { Precedence: 'bulk' } : {}),
      ...listHeaders(message, settings),
    },
    // Nothing of a template may make us read a file or call anybody.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const mime = await composer.compile().build();
  return { envelope: { from: from.address, to: [to.email] }, messageId, mime };
};
