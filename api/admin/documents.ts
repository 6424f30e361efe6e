/**
 * /admin/v1/documents: where the read models that are searched stand, and making them anew. They belong to the installation, as those in
 * tables do: work on them is begun from the home tenant only.
 */
import { Type } from '@sinclair/typebox';
import type { TenantId } from '../../domain/ids.js';
import type { DocumentStatus } from '../../projections/documents/status.js';
import { operatorsOnly, readersOnly } from '../auth/access.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';
import { Instant, PositionText } from '../wire.js';
import { Nullable } from './jobRoutes.js';
import { wholeTenant } from './operatorCommand.js';

export interface DocumentRoutes {
  readonly homeTenant: TenantId;
  readonly documents: {
    /** @throws DocumentsNotReady */
    status(): Promise<readonly DocumentStatus[]>;
    /** Null: there is no such read model. @throws DocumentsNotReady */
    rebuild(readModel: string): Promise<DocumentStatus | null>;
  };
}

const Shown = Type.Object(
  {
    readModel: Type.String({ examples: ['publications'] }),
    version: Type.Integer(),
    question: Type.String(),
    status: Type.Union(
      [
        Type.Literal('looking'),
        Type.Literal('asleep'),
        Type.Literal('filling'),
        Type.Literal('live'),
      ],
      {
        description:
          'looking: after a start, whether there is anything; asleep: nothing was published or delivered yet',
      },
    ),
    position: PositionText,
    events: Type.Integer(),
    keptFrom: Nullable(Instant),
  },
  { title: 'DocumentReadModel' },
);

const shown = (status: DocumentStatus) => ({
  ...status,
  position: String(status.position),
  keptFrom: status.keptFrom === null ? null : new Date(status.keptFrom).toISOString(),
});

const tags = ['Read models'] as const;

export const documentRoutes = ({ documents, homeTenant }: DocumentRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/documents',
    summary: 'Shows where each read model stands that is searched.',
    tags,
    access: readersOnly,
    response: Type.Object({ items: Type.Array(Shown) }),
    problems: ['read-model-unavailable'],
    handle: async (request) => {
      wholeTenant(request);
      return { body: { items: (await documents.status()).map(shown) } };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/documents/{readModel}/rebuilds',
    summary: 'Makes a read model that is searched anew, from the log.',
    description:
      'Until it is filled, searches are answered with 503. `GET /admin/v1/documents` shows how far it is.',
    tags,
    access: operatorsOnly('owner', 'analyst'),
    params: { readModel: Type.String({ pattern: '^[a-z]{2,40}$' }) },
    response: Shown,
    status: 202,
    problems: ['not-found', 'read-model-unavailable'],
    handle: async (request) => {
      if (wholeTenant(request).tenant !== homeTenant) {
        throw refused('forbidden', 'Read models are shared: ask an analyst of the installation.');
      }
      const status = await documents.rebuild(request.params.readModel);
      if (!status) throw refused('not-found', 'GET /admin/v1/documents lists those there are.');
      return { body: shown(status), status: 202 };
    },
  }),
];
