/**
 * A step in the life of something, as an operator takes it (revoke, block, approve, end …): what the path names and the body says is the
 * command's input, and its answer is the command's. The body is a reason unless told. Who may do it to this one is judged by `allow`;
 * unless told, only operators of the whole programme.
 */
import type { Static, TObject, TProperties, TSchema } from '@sinclair/typebox';
import type { CommandContext, CommandDefinition } from '../../commands/command.js';
import type { Handler } from '../../commands/handle.js';
import type { DomainEvent } from '../../domain/event.js';
import type { StreamName } from '../../domain/stream.js';
import { type ApiRequest, type Route, route, type RouteOptions } from '../route.js';
import { contextOf, done, wholeTenant } from './operatorCommand.js';
import { Reason } from './revocation.js';

/** Of a command, what says that it takes this input and gives this answer. */
interface Taking<Input, Answer> {
  readonly name: string;
  readonly stream: (input: Input, context: CommandContext) => StreamName;
  readonly answer: (decided: never) => Answer;
}

export interface Step<P extends TProperties, B extends TObject, R extends TSchema> extends Pick<
  RouteOptions<P, Record<never, never>, B, R>,
  | 'path'
  | 'summary'
  | 'description'
  | 'tags'
  | 'access'
  | 'params'
  | 'response'
  | 'problems'
  | 'examples'
> {
  readonly body?: B;
  readonly command: Taking<Static<TObject<P>> & Static<B>, Static<R>>;
  /** Whether this operator may do it to this one. @throws Refused */
  readonly allow?: (request: ApiRequest<Static<TObject<P>>, unknown, unknown>) => unknown;
}

export const stepRoute = <
  R extends TSchema,
  P extends TProperties = Record<never, never>,
  B extends TObject = typeof Reason,
>(
  handler: Handler,
  step: Step<P, B, R>,
): Route => {
  const { allow = wholeTenant, body, command, ...shown } = step;
  // It takes this input and gives this answer, as its type says; what it looks up and decides does not matter here.
  const carried = command as unknown as CommandDefinition<
    TSchema,
    unknown,
    DomainEvent,
    unknown,
    Static<R>
  >;
  return route({
    ...shown,
    method: 'POST',
    body: body ?? Reason,
    idempotencyKey: 'optional',
    command: command.name,
    handle: async (request) => {
      allow(request);
      const input = { ...request.params, ...(request.body as object) };
      return done(await handler.handle(carried, input, contextOf(request)));
    },
  });
};
