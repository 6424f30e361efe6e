/**
 * Ends the token of an integrator's program, for ever.
 */
import { Type } from '@sinclair/typebox';
import { AppId } from '../../domain/ids.js';
import { revokeApp as decide, app, appStream } from '../../domain/app/app.js';
import { defineCommand } from '../command.js';

export const revokeApp = defineCommand({
  name: 'RevokeApp',
  summary: 'Ends the token of an app for ever.',
  input: Type.Object(
    { appId: AppId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokeApp' },
  ),
  aggregate: app,
  stream: (input, context) => appStream(context.tenant, input.appId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ appId: input.appId }),
});
