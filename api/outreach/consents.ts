/**
 * /outreach/v1/consents: what recipients agreed to hear. A recipient is named by the number of an account, or by an address in the body of
 * a request, never in a path or a query, which end up in logs.
 */
import { type Static, Type } from '@sinclair/typebox';
import { consentProperties } from '../../commands/consent/consents.js';
import { RecipientAsked, subjectsAsked } from '../../commands/consent/recipient.js';
import type { SetConsentsOf } from '../../commands/consent/setConsents.js';
import type { Handler } from '../../commands/handle.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import {
  ConsentClass,
  consents,
  type Consents,
  consentsAt,
  ConsentSource,
  consentStream,
} from '../../domain/consent/consent.js';
import { UserId } from '../../domain/ids.js';
import { Channel } from '../../domain/message/kinds.js';
import { type Access, messengersOnly } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { contextOf } from '../commandContext.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import { mustReachAll } from './asker.js';

export interface ConsentRoutes {
  readonly handler: Handler;
  readonly keys: Pick<PersonalKeys, 'indexKey'>;
  readonly setConsents: SetConsentsOf;
}

const tags = ['Outreach'] as const;
const closed = { additionalProperties: false } as const;
const State = Type.Union([Type.Literal('given'), Type.Literal('withdrawn')]);

const Said = Type.Object(
  {
    channel: Channel,
    class: ConsentClass,
    state: State,
    since: Instant,
    source: Type.Optional({ ...ConsentSource, description: 'Not told to partners' }),
  },
  { title: 'Consent' },
);
const Standing = Type.Object(
  {
    inForce: Type.Array(Said, {
      description: 'The last word on each channel and class, as of `asOf`',
    }),
    history: Type.Array(Said, {
      description: 'Every word up to then: the newest first, at most 500; none to partners',
    }),
  },
  { title: 'Consents' },
);
const historyMax = 500;

const asOf = Type.Optional(
  Type.String({ format: 'date-time', description: 'As it was known then; now unless told' }),
);

/** Partners are told what holds, which they have to obey; how it became known may be another's business. */
const shown = (state: Consents, at: number, { kind }: Caller): Static<typeof Standing> => {
  if (kind === 'partner') {
    const holding = consentsAt(state, at).map(({ source: _source, since, ...rest }) => ({
      ...rest,
      since: instantOf(since),
    }));
    return { inForce: holding, history: [] };
  }
  const told = ({ since, ...rest }: Consents[number]) => ({ ...rest, since: instantOf(since) });
  const before = state.filter(({ since }) => since <= at);
  return {
    inForce: consentsAt(state, at).map(told),
    history: before.reverse().slice(0, historyMax).map(told),
  };
};
const timeOf = (text: string | undefined, now: number): number =>
  text === undefined ? now : Date.parse(text);

const readers: Access = {
  ...messengersOnly,
  kind: 'credentials',
  till: false,
  app: false,
  operator: ['owner', 'manager', 'analyst', 'auditor'],
};

const example = {
  recipient: { email: 'ada@example.com' },
  state: 'given',
  channels: ['email', 'sms'],
  classes: ['marketing'],
  source: { kind: 'form', detail: 'Registration, text of 2026-03' },
};

export const consentRoutes = ({ handler, keys, setConsents }: ConsentRoutes): Route[] => [
  route({
    method: 'POST',
    path: '/outreach/v1/consents',
    summary: 'Records what a recipient agrees to hear, or does not want to hear any more.',
    description:
      'What is said of the phone or the e-mail of a customer holds for their account as well. Withdrawn is also how somebody objects to what needs no consent. It holds for every message that is not sent yet.',
    tags,
    access: messengersOnly,
    body: Type.Object(
      { recipient: RecipientAsked, state: State, ...consentProperties },
      { ...closed, title: 'ConsentOrder' },
    ),
    idempotencyKey: 'optional',
    command: 'SetConsents',
    response: Standing,
    problems: ['account-not-found', 'invalid-contact', 'idempotency-key-reused'],
    examples: { body: [{ summary: 'Agreed by a form', value: example }] },
    handle: async (request) => {
      mustReachAll(request.caller);
      const { answer, position } = await setConsents(request.body, contextOf(request, undefined));
      return { body: shown(answer.consents, request.now, request.caller), position };
    },
  }),
  route({
    method: 'GET',
    path: '/outreach/v1/consents/{userId}',
    summary: 'What a customer agreed to hear, with the history, as of any moment.',
    tags,
    access: readers,
    params: { userId: UserId },
    query: { asOf },
    response: Standing,
    problems: ['account-not-found'],
    handle: async ({ caller, params, query, now }) => {
      mustReachAll(caller);
      const [subject] = await subjectsAsked(handler, keys, caller.tenant, params);
      const state = await handler.state(consentStream(caller.tenant, subject), consents);
      return { body: shown(state, timeOf(query.asOf, now), caller) };
    },
  }),
  route({
    method: 'POST',
    path: '/outreach/v1/consents/search',
    summary: 'What the recipient behind an address agreed to hear, as of any moment.',
    description: 'Of the phone or the e-mail of a customer it is what their account has.',
    tags,
    access: readers,
    body: Type.Object({ recipient: RecipientAsked, asOf }, { ...closed, title: 'ConsentSearch' }),
    response: Standing,
    problems: ['account-not-found', 'invalid-contact'],
    handle: async ({ caller, body, now }) => {
      mustReachAll(caller);
      const [subject] = await subjectsAsked(handler, keys, caller.tenant, body.recipient);
      const state = await handler.state(consentStream(caller.tenant, subject), consents);
      return { body: shown(state, timeOf(body.asOf, now), caller) };
    },
  }),
];
