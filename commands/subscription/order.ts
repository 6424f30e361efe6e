/**
 * A standing order as its partner writes it, and what of it only this installation can judge: its address, its headers, how deep its
 * filter is, and whether an endpoint may go without being asked.
 */
import { type Static, Type } from '@sinclair/typebox';
import { SubscriptionId, TopicId } from '../../domain/ids.js';
import { changes, terms } from '../../domain/subscription/events.js';
import { depthOf, type EventFilter, filterDepthMax } from '../../domain/subscription/filter.js';
import { type Fault, InvalidInput } from '../validation.js';
import { faultsOfHeaders, headersMax, type OwnHeaders } from './headers.js';

const closed = { additionalProperties: false } as const;

const Headers = Type.Record(Type.String(), Type.String(), {
  maxProperties: headersMax,
  description: 'Sent along with every request; sealed, and their values never shown again',
});

/** Where deliveries begin. */
export const Beginning = Type.Union(
  [
    Type.Object({ kind: Type.Literal('now') }, closed),
    Type.Object(
      {
        kind: Type.Literal('place'),
        after: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
          description: 'What lies beyond this place; null: everything',
        }),
      },
      closed,
    ),
  ],
  { description: 'now: what is published from now on' },
);

const { mode, signing, order, concurrency, ...others } = terms;

export const SubscriptionOrder = Type.Object(
  {
    subscriptionId: Type.Optional(SubscriptionId),
    topicId: TopicId,
    ...others,
    mode: Type.Optional(mode),
    signing: Type.Optional(signing),
    order: Type.Optional(order),
    concurrency: Type.Optional(concurrency),
    headers: Type.Optional(Headers),
    from: Type.Optional(Beginning),
    verification: Type.Optional(Type.Union([Type.Literal('handshake'), Type.Literal('none')])),
  },
  { ...closed, title: 'SubscriptionOrder' },
);
export type SubscriptionOrder = Static<typeof SubscriptionOrder>;

export const SubscriptionChange = Type.Object(
  { ...changes, headers: Type.Optional(Type.Union([Headers, Type.Null()])) },
  { ...closed, title: 'SubscriptionChange', minProperties: 1 },
);
export type SubscriptionChange = Static<typeof SubscriptionChange>;

/** What is left out of an order. */
export const orderDefaults = {
  mode: 'structured',
  signing: ['v1'],
  order: { by: 'none' },
  concurrency: 8,
  verification: 'handshake',
} as const;

export interface Rules {
  /** What is wrong with an address; null: it may be called, if what its name stands for may. */
  readonly faultOfUrl: (url: string) => string | null;
  /** Whether an endpoint may go without being asked. */
  readonly unverified: boolean;
}

/** @throws InvalidInput with every fault */
export const assertAcceptable = (
  given: {
    readonly endpoint?: { readonly url: string } | undefined;
    readonly filter?: EventFilter | null | undefined;
    readonly headers?: OwnHeaders | null | undefined;
    readonly verification?: 'handshake' | 'none' | undefined;
  },
  { faultOfUrl, unverified }: Rules,
): void => {
  const faults: Fault[] = [...faultsOfHeaders(given.headers ?? {})];
  const wrong = given.endpoint ? faultOfUrl(given.endpoint.url) : null;
  if (wrong !== null) faults.push({ pointer: '/endpoint/url', reason: wrong });
  if (given.filter && depthOf(given.filter) > filterDepthMax) {
    const reason = `must not be deeper than ${filterDepthMax} levels`;
    faults.push({ pointer: '/filter', reason });
  }
  if (given.verification === 'none' && !unverified) {
    const reason = 'must be handshake: every endpoint is asked here';
    faults.push({ pointer: '/verification', reason });
  }
  if (faults.length > 0) throw new InvalidInput(faults);
};
