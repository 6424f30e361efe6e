/** /audit/v1/streams/{stream}: the whole history of one thing. */
import { Type } from '@sinclair/typebox';
import { parseStreamName } from '../../domain/stream.js';
import { wholeTenant } from '../admin/operatorCommand.js';
import { operatorsOnly } from '../auth/access.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { EventShown, shown } from './eventShown.js';
import type { History } from './history.js';

export const streamRoutes = ({ history }: { readonly history: History }): Route[] => [
  route({
    method: 'GET',
    path: '/audit/v1/streams/{stream}',
    summary: 'Reads a stream: what happened to one account, till, merchant …',
    description:
      'A stream is called `<category>-<tenant>.<id>`: `account-demo.8018…`, `till-demo.till1`. One that does not exist is empty.',
    tags: ['Audit'],
    access: operatorsOnly('owner', 'auditor', 'analyst'),
    params: {
      stream: Type.String({ minLength: 3, maxLength: 200, examples: ['till-demo.till1'] }),
    },
    query: {
      direction: Type.Optional(
        Type.Union([Type.Literal('forwards'), Type.Literal('backwards')], { default: 'forwards' }),
      ),
      from: Type.Optional(
        Type.Integer({ minimum: 0, description: 'Revision to begin at, inclusive' }),
      ),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
    },
    response: Type.Object({
      stream: Type.String(),
      events: Type.Array(EventShown),
      next: Type.Union([Type.Integer(), Type.Null()], {
        description: 'Send it as `from` for what follows; null at the end',
      }),
    }),
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { stream } = request.params;
      if (parseStreamName(stream)?.tenant !== tenant) {
        throw refused(
          'not-found',
          `Streams of your programme are called <category>-${tenant}.<id>.`,
        );
      }
      const { direction = 'forwards', from = null, limit = 100 } = request.query;
      const { facts, next } = await history.stream(stream, { direction, from, limit });
      return { body: { stream, events: facts.map(shown), next } };
    },
  }),
];
