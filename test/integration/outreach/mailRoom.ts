/** A mail server that knows of delivery reports, keeps what it is handed with its envelopes, and writes the reports that servers write. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface KeptLetter {
  readonly from: string;
  readonly to: string;
  readonly messageId: string;
  /** Of the envelope; empty: none was told. */
  readonly envelopeId: string;
  readonly notify: readonly string[];
  readonly originalRecipient: string;
  readonly returned: string;
}

export interface MailRoom {
  readonly port: number;
  readonly letters: KeptLetter[];
  close(): Promise<void>;
}

export const openMailRoom = async (): Promise<MailRoom> => {
  const letters: KeptLetter[] = [];
  const server = new SMTPServer({
    ...{ disabledCommands: ['STARTTLS', 'AUTH'], logger: false, closeTimeout: 50 },
    hideDSN: false,
    onData: (stream, { envelope }, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const text = Buffer.concat(pieces).toString();
        const [to] = envelope.rcptTo as unknown as {
          readonly address: string;
          readonly dsn?: { readonly notify?: readonly string[]; readonly orcpt?: string };
        }[];
        const { dsn } = envelope as { readonly dsn?: { readonly envid?: string | null } };
        letters.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          to: to?.address ?? '',
          messageId: /^Message-ID: (.*)\r$/m.exec(text)?.[1] ?? '',
          envelopeId: dsn?.envid ?? '',
          notify: to?.dsn?.notify ?? [],
          originalRecipient: to?.dsn?.orcpt ?? '',
          returned: text.slice(0, text.indexOf('\r\n\r\n')),
        });
        done(null, 'queued');
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return {
    letters,
    port: (server.server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
};

const parts = (kind: string, head: readonly string[], bodies: readonly string[]): string =>
  [
    ...head,
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=${kind};`,
    '\tboundary="=_report"',
    '',
    ...bodies.flatMap((body) => ['--=_report', body]),
    '--=_report--',
    '',
  ].join('\r\n');

const returnedPart = ({ returned }: KeptLetter): string =>
  `Content-Type: text/rfc822-headers\r\n\r\n${returned}\r\n`;

/** To the sender of its envelope, as RFC 3464 has it. */
export const bounceOf = (letter: KeptLetter, action: string, status: string): string =>
  parts(
    'delivery-status',
    [
      'From: MAILER-DAEMON@mx.example',
      `To: ${letter.from}`,
      `Date: ${new Date(Date.now() - 1_000).toUTCString()}`,
      'Subject: Undelivered Mail Returned to Sender',
    ],
    [
      'Content-Type: text/plain\r\n\r\nI am sorry.\r\n',
      [
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; mx.example',
        ...(letter.envelopeId === '' ? [] : [`Original-Envelope-Id: ${letter.envelopeId}`]),
        '',
        `Final-Recipient: rfc822; ${letter.to}`,
        `Action: ${action}`,
        `Status: ${status}`,
        `Diagnostic-Code: smtp; 550 ${status} <${letter.to}>: as it is`,
        '',
      ].join('\r\n'),
      returnedPart(letter),
    ],
  );

/** As RFC 5965 has it. */
export const complaintOf = (letter: KeptLetter): string =>
  parts(
    'feedback-report',
    [
      'From: fbl@big.example',
      'To: fbl@shop.example',
      `Date: ${new Date(Date.now() - 1_000).toUTCString()}`,
    ],
    [
      'Content-Type: text/plain\r\n\r\nSomebody complained.\r\n',
      'Content-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: Loop/1.0\r\nVersion: 1\r\n',
      returnedPart(letter),
    ],
  );
