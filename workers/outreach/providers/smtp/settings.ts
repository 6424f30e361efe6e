/** A mail server as an operator names it. */
import { type Static, Type } from '@sinclair/typebox';
import { mailboxLengthMax } from './mark.js';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const Email = Type.String({ format: 'email', maxLength: 254 });
const Name = Type.String({ maxLength: 200, pattern: '^[^\\r\\n]*$' });

/** How much time silence takes to speak for a letter: most refusals come within minutes. */
export const bounceWaitDefault = 900;

export const SmtpBounces = Type.Object(
  {
    address: Type.String({
      format: 'email',
      maxLength: 254,
      examples: ['bounces@example.com'],
      description:
        'Where reports of letters go, with a plus sign and the mark of the letter before the at sign; its mailbox hands them over to us',
    }),
    waitSeconds: optional(
      Type.Integer({
        minimum: 0,
        maximum: 86_400,
        default: bounceWaitDefault,
        description: 'A letter that nothing came back of by then counts as delivered',
      }),
    ),
    confirmations: optional(
      Type.Boolean({
        default: false,
        description:
          'Servers are asked to report deliveries too, where they can: a letter for a letter',
      }),
    ),
  },
  { ...closed, title: 'SmtpBounces' },
);

export const SmtpSettings = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, examples: ['smtp.example.com'] }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, examples: [587] }),
    security: Type.Union([Type.Literal('tls'), Type.Literal('starttls'), Type.Literal('none')], {
      description:
        'tls: from the first byte (465); starttls: nothing is said before it is encrypted (587); none: only within a network of your own',
    }),
    certificateAuthority: optional(
      Type.String({ maxLength: 12_000, description: 'PEM, of a mail server with a CA of its own' }),
    ),
    from: Type.Object({ address: Email, name: optional(Name) }, closed),
    replyTo: optional(Email),
    messageIdDomain: optional(
      Type.String({
        pattern: '^[a-z0-9.-]{1,253}$',
        maxLength: 253,
        description: "Of Message-ID; unless told that of the sender's address",
      }),
    ),
    clientName: optional(
      Type.String({ pattern: '^[A-Za-z0-9.-]{1,253}$', description: 'Told with EHLO' }),
    ),
    connections: optional(
      Type.Integer({ minimum: 1, maximum: 20, default: 4, description: 'At one time' }),
    ),
    messagesPerConnection: optional(Type.Integer({ minimum: 1, maximum: 10_000, default: 100 })),
    unsubscribeMailbox: optional(
      Type.String({
        format: 'email',
        maxLength: 254,
        description: 'For List-Unsubscribe of what recipients may object to',
      }),
    ),
    bounces: optional(SmtpBounces),
  },
  { ...closed, title: 'SmtpSettings' },
);
export type SmtpSettings = Static<typeof SmtpSettings>;

/** Recipients see what is signed with it, and could try out short ones. */
const bounceTokenForm = {
  minLength: 32,
  maxLength: 200,
  pattern: '^[\\x21-\\x7e]*$',
  format: 'password',
};

export const SmtpSecrets = Type.Object(
  {
    user: optional(Type.String({ minLength: 1, maxLength: 200 })),
    password: optional(Type.String({ minLength: 1, maxLength: 500, format: 'password' })),
    bounceToken: optional(
      Type.String({
        ...bounceTokenForm,
        description:
          'Bearer token of whoever hands bounces over; marks of letters are signed with it',
      }),
    ),
    bounceTokenBefore: optional(
      Type.String({
        ...bounceTokenForm,
        description: 'The one before, for letters that were sent with it',
      }),
    ),
  },
  { ...closed, title: 'SmtpSecrets' },
);
export type SmtpSecrets = Static<typeof SmtpSecrets>;

/** @returns sentences that tell no secret. */
export const smtpFaults = (
  { bounces }: SmtpSettings,
  { bounceToken, bounceTokenBefore }: SmtpSecrets,
): readonly string[] => {
  if (!bounces) return [];
  const mailbox = bounces.address.slice(0, bounces.address.lastIndexOf('@'));
  return [
    ...(bounceToken === undefined ? ['settings.bounces needs secrets.bounceToken'] : []),
    ...(bounceToken !== undefined && bounceToken === bounceTokenBefore
      ? ['secrets.bounceTokenBefore is the token of now']
      : []),
    ...(/^[A-Za-z0-9._-]+$/.test(mailbox) && mailbox.length <= mailboxLengthMax
      ? []
      : [
          `the name of settings.bounces.address must have at most ${mailboxLengthMax} letters, digits, dots, dashes and underscores`,
        ]),
  ];
};
