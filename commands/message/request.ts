/** What is asked for, by REST, Kafka or a rule of the programme: something to be said to somebody. */
import { type Static, Type } from '@sinclair/typebox';
import { Locale } from '../../domain/consent/rules.js';
import { ProviderId, StrategyId, TemplateId, TopicId, UserId } from '../../domain/ids.js';
import { Channel, MessageClass, Milestone } from '../../domain/message/kinds.js';
import { Addresses } from './addresses.js';

const closed = { additionalProperties: false } as const;
const optional = Type.Optional;
const time = (description: string) => Type.String({ format: 'date-time', description });
const Version = Type.Integer({ minimum: 1, description: 'Left out: the newest' });

export const requestBytesMax = 65_536;

/** Of the requester, unique among what it ever asks for. */
export const MessageKey = Type.String({ minLength: 1, maxLength: 200 });

export const MessageRequest = Type.Object(
  {
    class: MessageClass,
    recipient: Type.Object(
      {
        userId: optional(UserId),
        ...Addresses.properties,
        locale: optional(
          Type.Unsafe<string>({
            ...Locale,
            description:
              'BCP 47. Left out: the language that the customer chose, else the template’s',
          }),
        ),
        timeZone: optional(Type.String({ maxLength: 64, description: 'IANA' })),
      },
      {
        ...closed,
        minProperties: 1,
        description:
          "An account, whose own addresses are used; addresses, or addresses in an account's place",
      },
    ),
    channel: optional(Channel),
    /** With `channel`. */
    providerId: optional(ProviderId),
    until: optional(Milestone),
    /** Instead of `channel`. */
    strategy: optional(Type.Object({ strategyId: StrategyId, version: optional(Version) }, closed)),
    template: optional(Type.Object({ templateId: TemplateId, version: optional(Version) }, closed)),
    /** Instead of `template`. */
    text: optional(
      Type.Object(
        {
          subject: optional(Type.String({ minLength: 1, maxLength: 500 })),
          text: Type.String({ minLength: 1, maxLength: 20_000 }),
          html: optional(Type.String({ minLength: 1, maxLength: 50_000 })),
          link: optional(Type.String({ minLength: 1, maxLength: 2_000 })),
        },
        closed,
      ),
    ),
    variables: optional(
      Type.Record(Type.String({ pattern: '^[a-z][A-Za-z0-9_]{0,63}$' }), Type.Unknown(), {
        ...closed,
        maxProperties: 50,
      }),
    ),
    notBefore: optional(time('It is not sent earlier')),
    expiresAt: optional(time('It is not sent later; left out: as its class has it')),
    reference: optional(
      Type.String({ minLength: 1, maxLength: 128, description: "The requester's own number" }),
    ),
    campaign: optional(Type.String({ minLength: 1, maxLength: 80 })),
    callback: optional(
      Type.Object(
        { topicId: TopicId },
        { ...closed, description: 'A topic of the requester: statuses are published there' },
      ),
    ),
    digest: optional(
      Type.Object(
        { key: Type.String({ minLength: 1, maxLength: 128 }), until: time('Of the first of them') },
        {
          ...closed,
          description:
            'What one requester asks for with the same key and recipient until then becomes one message',
        },
      ),
    ),
  },
  { ...closed, title: 'MessageRequest' },
);
export type MessageRequest = Static<typeof MessageRequest>;
