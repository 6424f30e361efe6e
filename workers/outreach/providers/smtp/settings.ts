/** A mail server as an operator names it. */
import { type Static, Type } from '@sinclair/typebox';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const Email = Type.String({ format: 'email', maxLength: 254 });
const Name = Type.String({ maxLength: 200, pattern: '^[^\\r\\n]*$' });

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
  },
  { ...closed, title: 'SmtpSettings' },
);
export type SmtpSettings = Static<typeof SmtpSettings>;

export const SmtpSecrets = Type.Object(
  {
    user: optional(Type.String({ minLength: 1, maxLength: 200 })),
    password: optional(Type.String({ minLength: 1, maxLength: 500, format: 'password' })),
  },
  { ...closed, title: 'SmtpSecrets' },
);
export type SmtpSecrets = Static<typeof SmtpSecrets>;
