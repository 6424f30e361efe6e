/** GET of one message: how it stands, and what it says to whom where the caller may know. */
import { Type } from '@sinclair/typebox';
import type { Log } from '../../commands/log.js';
import { acceptedMessage } from '../../commands/message/order.js';
import type { Outcomes } from '../../commands/message/outcomes.js';
import type { AddressBook } from '../../commands/message/addresses.js';
import { openMessage, presentAddresses } from '../../commands/message/sealing.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import { MessageId } from '../../domain/ids.js';
import { accepted } from '../../domain/message/message.js';
import { rejected } from '../../domain/rejected.js';
import { messengersOnly } from '../auth/access.js';
import { minPosition } from '../pos/reading.js';
import { type Route, route } from '../route.js';
import { reachOf } from './asker.js';
import { messageState, MessageState } from './messageState.js';

export interface MessageReading {
  readonly log: Pick<Log, 'read'>;
  readonly outcomes: Outcomes;
  readonly keys: Pick<PersonalKeys, 'find'>;
}

const tags = ['Outreach'] as const;

const Addresses = Type.Object(
  {
    email: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    phone: Type.Optional(Type.String()),
    push: Type.Optional(Type.String({ description: 'Its endpoint' })),
    telegram: Type.Optional(Type.String()),
  },
  { description: 'Those of the request; an account has its own' },
);

const Content = Type.Object(
  {
    messageId: MessageId,
    addresses: Addresses,
    variables: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
    text: Type.Union([
      Type.Object({
        subject: Type.Optional(Type.String()),
        text: Type.String(),
        html: Type.Optional(Type.String()),
        link: Type.Optional(Type.String()),
      }),
      Type.Null(),
    ]),
  },
  { title: 'MessageContent' },
);

const addressesShown = ({ email, phone, push, telegram }: AddressBook) => {
  return {
    ...(email?.kind === 'email' ? { email: email.email } : {}),
    ...(email?.kind === 'email' && email.name !== undefined ? { name: email.name } : {}),
    ...(phone?.kind === 'phone' ? { phone: phone.phone } : {}),
    ...(push?.kind === 'push' ? { push: push.endpoint } : {}),
    ...(telegram?.kind === 'telegram' ? { telegram: telegram.chatId } : {}),
  };
};

export const messageReadingRoutes = ({ log, outcomes, keys }: MessageReading): Route[] => [
  route({
    method: 'GET',
    path: '/outreach/v1/messages/{messageId}',
    summary: 'Says how a message stands',
    tags,
    access: messengersOnly,
    params: { messageId: MessageId },
    query: minPosition,
    response: MessageState,
    problems: ['message-not-found', 'position-not-reached'],
    handle: async ({ caller, params, query }) => {
      const { tenant } = caller;
      const { messageId } = params;
      const found = await acceptedMessage(log, tenant, messageId, reachOf(caller));
      const wanted = query.minPosition === undefined ? null : BigInt(query.minPosition);
      // What was accepted a moment ago may not be queued yet.
      const known = await outcomes.message(tenant, messageId, wanted);
      const message = known ?? accepted(found.data, found.acceptedAt);
      const { digestedInto } = message;
      const whole = digestedInto && (await outcomes.message(tenant, digestedInto, null));
      const withProvider = caller.kind !== 'partner';
      const { position } = found;
      return { body: messageState(found.data, message, { position, withProvider, whole }) };
    },
  }),
  route({
    method: 'GET',
    path: '/outreach/v1/messages/{messageId}/content',
    summary: 'Shows what a message says to whom: personal data',
    description:
      'Gone once the recipient was erased; an address also where it was erased by itself.',
    tags,
    access: messengersOnly,
    params: { messageId: MessageId },
    response: Content,
    problems: ['message-not-found', 'recipient-erased'],
    handle: async ({ caller, params }) => {
      const { tenant } = caller;
      const { messageId } = params;
      const { data } = await acceptedMessage(log, tenant, messageId, reachOf(caller));
      const { subject, addresses: hashes } = data.recipient;
      const content = await openMessage(keys, tenant, { subject, sealed: data.sealed });
      if (!content) throw rejected('recipient-erased', { messageId });
      const { variables = null, text = null } = content;
      const addresses = addressesShown(await presentAddresses(keys, tenant, hashes, content));
      return { body: { messageId, addresses, variables, text } };
    },
  }),
];
