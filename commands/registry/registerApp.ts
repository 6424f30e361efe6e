/**
 * Registers an integrator's program and makes its token, which is in this one answer and nowhere else.
 */
import { Type } from '@sinclair/typebox';
import { app, AppRegistered, appStream, registerApp as decide } from '../../domain/app/app.js';
import type { AppId } from '../../domain/ids.js';
import { type CommandContext, defineCommand } from '../command.js';
import { derivedId, formatToken, hashSecret, makeSecret } from '../credentials.js';
import { presentTenant } from './present.js';

const { appId, name } = AppRegistered.schema.properties;

const appIdOf = (input: { readonly appId?: AppId }, context: CommandContext): AppId =>
  input.appId ?? (derivedId('app', context.tenant, context.idempotencyKey) as AppId);

export const registerApp = defineCommand({
  name: 'RegisterApp',
  summary: 'Registers a program that acts on behalf of tills and answers its token, once.',
  input: Type.Object(
    { appId: Type.Optional(appId), name },
    { additionalProperties: false, title: 'RegisterApp' },
  ),
  aggregate: app,
  stream: (input, context) => appStream(context.tenant, appIdOf(input, context)),
  lookUp: (_input, context, { directory }) => {
    presentTenant(directory, context.tenant);
    return { secret: makeSecret() };
  },
  decide: (input, state, { secret }, context) =>
    decide({ ...input, appId: appIdOf(input, context), secretHash: hashSecret(secret) }, state),
  answer: ({ events, input, context, found }) => {
    const id = appIdOf(input, context);
    const token =
      events.length > 0 && found
        ? formatToken({ kind: 'app', tenant: context.tenant, id, secret: found.secret })
        : null;
    return { ...input, appId: id, token };
  },
});
