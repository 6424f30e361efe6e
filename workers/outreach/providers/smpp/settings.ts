/** An SMS centre as an operator names it. */
import { type Static, Type } from '@sinclair/typebox';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const TypeOfNumber = Type.Integer({ minimum: 0, maximum: 6 });
const NumberingPlan = Type.Integer({ minimum: 0, maximum: 18 });

export const SmppSettings = Type.Object(
  {
    host: Type.String({ minLength: 1, maxLength: 253, examples: ['smpp.example.com'] }),
    port: Type.Integer({ minimum: 1, maximum: 65_535, examples: [2775] }),
    tls: optional(Type.Boolean({ description: 'From the first byte' })),
    certificateAuthority: optional(Type.String({ maxLength: 12_000, description: 'PEM' })),
    systemId: Type.String({ minLength: 1, maxLength: 15 }),
    systemType: optional(Type.String({ maxLength: 12 })),
    source: Type.Object(
      {
        address: Type.String({ minLength: 1, maxLength: 20, examples: ['KOPILKA'] }),
        ton: optional(TypeOfNumber),
        npi: optional(NumberingPlan),
      },
      { ...closed, description: 'Who it is from; 5 and 0 unless told: alphanumeric' },
    ),
    destination: optional(
      Type.Object(
        { ton: TypeOfNumber, npi: NumberingPlan },
        { ...closed, description: '1 and 1 unless told: international' },
      ),
    ),
    window: optional(
      Type.Integer({
        minimum: 1,
        maximum: 500,
        default: 10,
        description: 'Requests without an answer at one time',
      }),
    ),
    enquireSeconds: optional(
      Type.Integer({ minimum: 1, maximum: 300, default: 30, description: 'Between enquire_link' }),
    ),
    longMessages: optional(
      Type.Union([Type.Literal('udh'), Type.Literal('payload')], {
        description: 'udh: in parts with a header; payload: whole, as message_payload',
      }),
    ),
    receipts: optional(
      Type.Boolean({
        default: true,
        description: 'Ask for them, of the last part of each message',
      }),
    ),
    receiptIds: optional(
      Type.Union([Type.Literal('same'), Type.Literal('decimal')], {
        description:
          'decimal: receipts number in decimal what was answered in hexadecimal, as some centres do',
      }),
    ),
  },
  { ...closed, title: 'SmppSettings' },
);
export type SmppSettings = Static<typeof SmppSettings>;

export const SmppSecrets = Type.Object(
  { password: Type.String({ minLength: 1, maxLength: 8, format: 'password' }) },
  { ...closed, title: 'SmppSecrets' },
);
export type SmppSecrets = Static<typeof SmppSecrets>;
