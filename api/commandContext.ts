/**
 * From a request to the circumstances of a command, and from what a command answered to a reply.
 *
 * Idempotency keys belong to their sender: two tills that both count their requests from 1 never meet.
 */
import { randomUUID } from 'node:crypto';
import { type Static, type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox';
import type { CommandContext, CommandDefinition } from '../commands/command.js';
import type { Handled, Handler } from '../commands/handle.js';
import type { DomainEvent } from '../domain/event.js';
import { Rejected } from '../domain/rejected.js';
import type { Caller } from './auth/caller.js';
import type { ApiRequest, Reply } from './route.js';

type AnyRequest = ApiRequest<unknown, unknown, unknown>;

const senderOf = (caller: Caller): string =>
  caller.kind === 'till' ? `till:${caller.tillId}` : `${caller.actor.kind}:${caller.actor.id}`;

/**
 * `naturalKey` is the id that the sender gave to what is to be done: where the header was left out, it is the key. Without
 * either, the request is a new one, and only the decision itself can tell that it was carried out before.
 */
export const contextOf = (request: AnyRequest, naturalKey: string | undefined): CommandContext => {
  const { caller, correlationId, now } = request;
  const key = request.idempotencyKey || naturalKey || randomUUID();
  return {
    tenant: caller.tenant,
    actor: caller.actor,
    now,
    idempotencyKey: `${senderOf(caller)}/${key}`,
    correlationId,
  };
};

/**
 * Carries out what the sender numbered itself. Without a header that number is the key; where it was used with another body, the
 * decision tells a receipt that is sent again in another form (as an offline one, say) from another receipt under its number.
 */
export const carryOutNumbered = async <
  Schema extends TSchema,
  State,
  Event extends DomainEvent,
  Found,
  Answer,
>(
  handler: Handler,
  command: CommandDefinition<Schema, State, Event, Found, Answer>,
  input: Static<Schema>,
  request: AnyRequest,
  number: string,
): Promise<Handled<Answer>> => {
  try {
    return await handler.handle(command, input, contextOf(request, number));
  } catch (error) {
    const reused = error instanceof Rejected && error.code === 'idempotency-key-reused';
    if (!reused || request.idempotencyKey !== '') throw error;
    return handler.handle(command, input, contextOf(request, undefined));
  }
};

/** What every command's answer carries besides its own. */
export const recordedProperties = {
  position: Type.Union([Type.String({ pattern: '^[0-9]+$' }), Type.Null()], {
    description:
      'Place in the log: give it to queries as `minPosition`. Null where nothing was left to do.',
  }),
  repeated: Type.Boolean({ description: 'It had been carried out before' }),
};

export const Recorded = <P extends TProperties>(
  title: string,
  properties: P,
): TObject<P & typeof recordedProperties> =>
  Type.Object({ ...properties, ...recordedProperties }, { title, additionalProperties: false });

export const recorded = <
  Answer extends object & { readonly [Name in keyof typeof recordedProperties]?: never },
>(
  handled: Handled<Answer>,
): Reply<Answer & Static<TObject<typeof recordedProperties>>> => {
  const { answer, position, repeated } = handled;
  // In this order: fields that are added to a copy, or assigned to it, make V8 write the answer's JSON the slow way.
  const body = { position: position === null ? null : String(position), repeated, ...answer };
  // What was made now is 201 where the route says so; a repeat is 200.
  return repeated ? { body, position, status: 200 } : { body, position };
};
