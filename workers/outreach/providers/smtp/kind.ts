/**
 * E-mail by SMTP. Submitted means that the server took the letter; what becomes of it then is told by letters to the address for bounces,
 * where one is set: whoever has that mailbox hands them over (callback.ts). A server cannot be asked what became of a letter, so one whose
 * answer was lost stays unknown until a bounce tells. Nodemailer, which writes letters and speaks to servers, is loaded with the first letter.
 */
import { defineKind } from '../defineKind.js';
import type { Provider, ProviderOptions } from '../port.js';
import { eachOf, refusal, submitted } from '../results.js';
import { marksOf, readBounce } from './callback.js';
import { resultOf } from './errors.js';
import { writeLetter } from './letter.js';
import { createLines } from './line.js';
import { bounceWaitDefault, smtpFaults, SmtpSecrets, SmtpSettings } from './settings.js';

const connectionsDefault = 4;
/** Letters of one call for each connection. */
const perConnection = 10;

export const smtp = defineKind({
  kind: 'smtp',
  title: 'E-mail by SMTP',
  summary: 'Hands letters to a mail server over connections that are kept.',
  channels: ['email'],
  settings: SmtpSettings,
  leadsTo: ['host', 'port', 'security', 'certificateAuthority'],
  secrets: SmtpSecrets,
  faults: smtpFaults,
  batchMax: ({ connections = connectionsDefault }) => connections * perConnection,
  receipts: 'callback',
  expectsReceipts: ({ bounces }) => bounces !== undefined,
  silenceSeconds: ({ bounces }) => bounces && (bounces.waitSeconds ?? bounceWaitDefault),
  open: (options) => openSmtp(options),
  callback: readBounce,
});

const load = async () => {
  const [composer, connection] = await Promise.all([
    import('nodemailer/lib/mail-composer/index.js'),
    import('nodemailer/lib/smtp-connection/index.js'),
  ]);
  return { Composer: composer.default, Connection: connection.default };
};

const openSmtp = (options: ProviderOptions<SmtpSettings, SmtpSecrets>): Provider => {
  const { settings, secrets, dial, now, onTrouble } = options;
  const { connections = connectionsDefault } = settings;
  const marks = marksOf(settings, secrets, options);
  let opening:
    Promise<Awaited<ReturnType<typeof load>> & ReturnType<typeof createLines>> | undefined;
  const open = async () => {
    const library = await load();
    return {
      ...library,
      ...createLines({ Connection: library.Connection, dial, settings, secrets }),
    };
  };
  return {
    send: async (messages, deadline) => {
      const { Composer, post } = await (opening ??= open());
      return eachOf(
        messages,
        connections,
        deadline,
        async (message) => {
          if (message.expiresAt <= now()) {
            return refusal('expired', 'expired', 'Its time was over before it was sent.');
          }
          if (message.to.kind !== 'email') {
            return refusal('recipientPermanent', 'no-email', 'This is no e-mail address.');
          }
          const letter = await writeLetter(Composer, message, settings, marks);
          const posted = await post(letter, deadline);
          return posted.kind === 'taken'
            ? submitted(letter.messageId, posted.response)
            : resultOf(posted.error, posted.isBegun);
        },
        onTrouble,
      );
    },
    close: async () => (await opening)?.close(),
  };
};
