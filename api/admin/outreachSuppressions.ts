/**
 * /admin/v1/outreach/suppressions: addresses that are left alone on a channel. They are named in the body, never in a path or a query,
 * which end up in logs; what is kept and shown of them is their hash.
 */
import { type Static, Type } from '@sinclair/typebox';
import type pg from 'pg';
import { AddressAsked, addressAsked } from '../../commands/consent/recipient.js';
import { releaseAddress, suppressAddress } from '../../commands/consent/suppressions.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import {
  AddressHash,
  type Suppression,
  suppression,
  SuppressionReason,
  suppressionStream,
} from '../../domain/consent/suppression.js';
import { type AddressKind, addressKindOf, Channel } from '../../domain/message/kinds.js';
import { listSuppressions } from '../../projections/outbox/suppressionList.js';
import type { Waiting } from '../../projections/waiting.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { pageShown } from '../pos/reading.js';
import { type ApiRequest, type Route, route } from '../route.js';
import { Instant, instantOf, orNull } from '../wire.js';
import { contextOf, type Registry, wholeTenant } from './operatorCommand.js';
import { pageOf } from './paging.js';
import { pageAsked, readModelQuery, upTo } from './readModelPages.js';

export interface SuppressionRoutes extends Registry {
  readonly keys: Pick<PersonalKeys, 'indexKey'>;
  readonly pool: pg.Pool;
  readonly waiting: Waiting;
}

const tags = ['Outreach'] as const;
const closed = { additionalProperties: false } as const;
const Detail = Type.Optional(
  Type.String({ maxLength: 500, description: 'Why; nothing personal', examples: ['Called us'] }),
);
const Place = { channel: Channel, address: AddressAsked } as const;
const Shown = Type.Object(
  {
    channel: Channel,
    address: AddressHash,
    suppressed: orNull(
      Type.Object({ reason: SuppressionReason, detail: Detail, since: Instant }, closed),
    ),
  },
  { title: 'AddressStanding' },
);
const Listed = Type.Object(
  { channel: Channel, address: AddressHash, reason: SuppressionReason, since: Instant },
  { title: 'ListedSuppression' },
);

const standing = (channel: Channel, address: string, state: Suppression): Static<typeof Shown> => {
  if (state.status === 'free') return { channel, address, suppressed: null };
  const { reason, detail, since } = state;
  const words = detail === undefined ? {} : { detail };
  return { channel, address, suppressed: { reason, ...words, since: instantOf(since) } };
};

type Asked = ApiRequest<
  unknown,
  unknown,
  { readonly channel: Channel; readonly address: Static<typeof AddressAsked> }
>;

export const outreachSuppressionRoutes = (options: SuppressionRoutes): Route[] => {
  const { handler, keys, pool, waiting } = options;

  const placeOf = async (request: Asked): Promise<{ channel: Channel; address: string }> => {
    const { tenant } = wholeTenant(request);
    const { channel, address } = request.body;
    const { kind, hash } = await addressAsked(keys, tenant, address);
    const wanted: AddressKind = addressKindOf[channel];
    if (kind === wanted) return { channel, address: hash };
    throw faulty('body', '/address', `must be of kind ${wanted}, which ${channel} needs`);
  };

  return [
    route({
      method: 'GET',
      path: '/admin/v1/outreach/suppressions',
      summary: 'Lists the addresses that are left alone, by their hashes.',
      tags,
      access: readersOnly,
      query: { channel: Type.Optional(Channel), ...readModelQuery },
      response: pageOf(Listed),
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        await upTo(waiting, 'outbox', request.query);
        const channel = request.query.channel ?? null;
        const found = listSuppressions(pool, { tenant, channel, ...pageAsked(request.query) });
        const body = await pageShown(found, ({ since, ...one }) => ({
          ...one,
          since: instantOf(since),
        }));
        return { body };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/outreach/suppressions',
      summary: 'Leaves an address alone on a channel, in every class.',
      tags,
      access: editorsOnly,
      body: Type.Object({ ...Place, detail: Detail }, { ...closed, title: 'SuppressionAsked' }),
      idempotencyKey: 'optional',
      command: suppressAddress.name,
      response: Shown,
      problems: ['invalid-contact'],
      examples: {
        body: [
          {
            summary: 'No more SMS to a number',
            value: {
              channel: 'sms',
              address: { phone: '+442079460018' },
              detail: 'Called us',
            },
          },
        ],
      },
      handle: async (request) => {
        const { channel, address } = await placeOf(request);
        const { detail } = request.body;
        const words = detail === undefined ? {} : { detail };
        const input = { channel, address, reason: 'operator' as const, ...words };
        const { answer, position } = await handler.handle(
          suppressAddress,
          input,
          contextOf(request),
        );
        return { body: standing(channel, address, answer), position };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/outreach/suppressions/release',
      summary: 'Writes to an address again, whatever the reason was that it was left alone.',
      tags,
      access: editorsOnly,
      body: Type.Object({ ...Place, detail: Detail }, { ...closed, title: 'ReleaseAsked' }),
      idempotencyKey: 'optional',
      command: releaseAddress.name,
      response: Shown,
      problems: ['invalid-contact'],
      handle: async (request) => {
        const { channel, address } = await placeOf(request);
        const { detail } = request.body;
        const input = { channel, address, ...(detail === undefined ? {} : { detail }) };
        const { answer, position } = await handler.handle(
          releaseAddress,
          input,
          contextOf(request),
        );
        return { body: standing(channel, address, answer), position };
      },
    }),
    route({
      method: 'POST',
      path: '/admin/v1/outreach/suppressions/search',
      summary: 'Tells whether an address is left alone on a channel, and why.',
      tags,
      access: readersOnly,
      body: Type.Object(Place, { ...closed, title: 'SuppressionSearched' }),
      response: Shown,
      problems: ['invalid-contact'],
      handle: async (request) => {
        const { channel, address } = await placeOf(request);
        const { tenant } = request.caller;
        const state = await handler.state(suppressionStream(tenant, channel, address), suppression);
        return { body: standing(channel, address, state) };
      },
    }),
  ];
};
