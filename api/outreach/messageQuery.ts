/**
 * What a search among messages is asked with, the same for partners and operators. An address is asked for in a body only, never in a URL,
 * which logs keep; it is hashed at once, and looked for as its hash.
 */
import { type Static, type TObject, Type } from '@sinclair/typebox';
import { addressBook, Addresses, addressHashes } from '../../commands/message/addresses.js';
import { wordHashes } from '../../commands/message/words.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import { ProviderId, TemplateId, type TenantId, UserId } from '../../domain/ids.js';
import { type AddressKind, Channel, MessageClass } from '../../domain/message/kinds.js';
import { shownStatuses } from '../../domain/message/message.js';
import { wordQueryOf } from '../../projections/documents/words.js';
import { addressMark } from '../../projections/messages/document.js';
import {
  messageFlags,
  type MessagePage,
  type MessageSearch,
  type MessageSearches,
} from '../../projections/messages/search.js';
import { BadCursor } from '../../projections/pages.js';
import { faulty } from '../input.js';
import { minPosition } from '../pos/reading.js';
import { InstantOrNull, instantOrNull } from '../wire.js';
import { type Fate, fatesOf, MessageStatus } from './fate.js';

const text = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));
const time = (description: string) =>
  Type.Optional(Type.String({ format: 'date-time', description }));

export const messageQuery = {
  userId: Type.Optional(Type.Unsafe<UserId>({ ...UserId, description: 'The recipient' })),
  status: Type.Optional(
    Type.Array(MessageStatus, {
      minItems: 1,
      maxItems: shownStatuses.length,
      description: 'Any of them',
    }),
  ),
  class: Type.Optional(MessageClass),
  channel: Type.Optional(Channel),
  campaign: text(80, 'What it belongs to'),
  templateId: Type.Optional(TemplateId),
  policyId: text(80, 'The rule that made it'),
  reference: text(128, "The requester's own number"),
  reason: text(40, 'Why it waits, or ended so'),
  flag: Type.Optional(
    Type.Union(
      messageFlags.map((flag) => Type.Literal(flag)),
      {
        description:
          'deliveredTwice: reached its recipient more than once; late: had a receipt after it was over; unknown: nobody can tell of an attempt',
      },
    ),
  ),
  text: text(
    200,
    'Words of template, campaign, reference and own text, each of which must be there; `autu*` is a beginning, but not of an own text, which ' +
      'is kept as hashes; `-spring` must not be there. At most 10',
  ),
  from: time('Accepted then or later'),
  to: time('Accepted then or before'),
  sort: Type.Optional(
    Type.Union([Type.Literal('acceptedAt'), Type.Literal('-acceptedAt')], {
      default: '-acceptedAt',
      description: 'A dash before it: the latest first',
    }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 50, description: 'At most so many' }),
  ),
  after: Type.Optional(
    Type.String({ maxLength: 300, description: 'The `next` of the page before' }),
  ),
  ...minPosition,
} as const;
export type MessageQuery = Static<TObject<typeof messageQuery>>;

/** Operators know who carries messages, and whose they are. */
export const operatorsQuery = {
  ...messageQuery,
  providerId: Type.Optional(ProviderId),
  requester: Type.Optional(
    Type.String({
      pattern: '^(partner|operator|policy)/.{1,80}$',
      description: 'Kind and id, as partner/motor_house',
    }),
  ),
} as const;
export type OperatorsQuery = Static<TObject<typeof operatorsQuery>>;

const recipient = {
  recipient: Type.Optional(
    Type.Pick(Addresses, ['email', 'phone', 'telegram'], {
      minProperties: 1,
      additionalProperties: false,
      description:
        'Any of these addresses; they are hashed, looked for as hashes, and kept nowhere',
    }),
  ),
} as const;

const closed = { additionalProperties: false } as const;
export const MessageSearchBody = Type.Object(
  { ...messageQuery, ...recipient },
  { ...closed, title: 'SearchMessages' },
);
export const OperatorsSearchBody = Type.Object(
  { ...operatorsQuery, ...recipient },
  { ...closed, title: 'OperatorsSearchMessages' },
);
export type AskedMessages = OperatorsQuery & {
  readonly recipient?: Pick<Addresses, 'email' | 'phone' | 'telegram'>;
};

export const pageProperties = {
  next: Type.Union([Type.String(), Type.Null()], {
    description: 'Send it as `after` for what follows; null at the end',
  }),
  searchedFrom: Type.Union(InstantOrNull.anyOf, {
    description: 'Older ones are not searched any more; null: all are',
  }),
} as const;

export const messageProblems = ['search-too-costly', 'read-model-unavailable'] as const;
/** A search that takes longer on the server is broken off. */
export const messagesDeadlineMs = 3_000;
const wordsMax = 10;

export interface MessageSearching {
  readonly searches: MessageSearches;
  readonly keys: Pick<PersonalKeys, 'indexKey'>;
}

type Part = Parameters<typeof faulty>[0];

export interface MessageAsker {
  readonly tenant: TenantId;
  /** As `requesterMark` has it; null: whoever asked for the messages. */
  readonly requester: string | null;
  /** Where the question stands in the request. */
  readonly part: Part;
}

const wordsOf = (asked: string, indexKey: Buffer, part: Part): MessageSearch['words'] => {
  if (asked.split(/\s+/).length > wordsMax) {
    throw faulty(part, '/text', `has more than ${wordsMax} words`);
  }
  const query = wordQueryOf(asked);
  const hashes = [...query.all, ...query.none].flatMap((word) =>
    wordHashes(indexKey, word).map((hash): [string, string] => [word, hash]),
  );
  return { query, hashes: new Map(hashes) };
};

const addressesOf = (
  recipient: NonNullable<AskedMessages['recipient']>,
  indexKey: Buffer,
): string[] =>
  Object.entries(addressHashes(indexKey, addressBook(recipient))).map(([kind, hash]) =>
    addressMark(kind as AddressKind, hash),
  );

const millisecondsOf = (time: string | undefined): number | undefined =>
  time === undefined ? undefined : Date.parse(time);

/** @throws InvalidInput, Rejected invalid-contact */
const searchOf = async (
  keys: MessageSearching['keys'],
  asked: AskedMessages,
  { tenant, requester, part }: MessageAsker,
): Promise<MessageSearch> => {
  const { recipient, text, status, from, to, sort = '-acceptedAt', limit = 50, after } = asked;
  const { userId, campaign, templateId, policyId, reference, reason, flag, channel } = asked;
  const isKeyed = recipient !== undefined || text !== undefined;
  const indexKey = isKeyed ? await keys.indexKey(tenant) : Buffer.alloc(0);
  return {
    tenant,
    requester: requester ?? asked.requester ?? null,
    userId,
    campaign,
    templateId,
    policyId,
    reference,
    reason,
    flag,
    channel,
    class: asked.class,
    providerId: asked.providerId,
    statuses: status,
    addresses: recipient && addressesOf(recipient, indexKey),
    words: text === undefined ? undefined : wordsOf(text, indexKey, part),
    from: millisecondsOf(from),
    to: millisecondsOf(to),
    descending: sort.startsWith('-'),
    limit,
    after,
    deadlineMs: messagesDeadlineMs,
  };
};

export interface SearchedMessages extends Omit<MessagePage, 'keptFrom'> {
  /** By message, of those that others went out with. */
  readonly fates: ReadonlyMap<string, Fate>;
  readonly searchedFrom: string | null;
}

/** @throws InvalidInput for a cursor that is none or of another order, Rejected invalid-contact, and as searches do. */
export const searchedMessages = async (
  { searches, keys }: MessageSearching,
  asked: AskedMessages,
  asker: MessageAsker,
): Promise<SearchedMessages> => {
  if (asked.minPosition !== undefined) await searches.reach(BigInt(asked.minPosition));
  try {
    const { rows, next, keptFrom } = await searches.messages(await searchOf(keys, asked, asker));
    const fates = await fatesOf(searches, asker.tenant, rows);
    return { rows, fates, next, searchedFrom: instantOrNull(keptFrom) };
  } catch (error) {
    if (!(error instanceof BadCursor)) throw error;
    throw faulty(asker.part, '/after', 'is not the `next` of a page in this order');
  }
};
