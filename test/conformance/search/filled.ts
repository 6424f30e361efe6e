/** Read models in documents, filled from facts in memory on the server that the cases are put to. */
import type { Db } from 'mongodb';
import type { DeliveriesAttempted } from '../../../domain/delivery/events.js';
import type { EventOf } from '../../../domain/event.js';
import type { NewFact } from '../../../domain/fact.js';
import type { TenantId, TopicId } from '../../../domain/ids.js';
import { type Published, publicationsStream } from '../../../domain/publication/publication.js';
import { createMemoryLog, type MemoryLog } from '../../../platform/memory/log.js';
import type { DocumentProjection } from '../../../projections/documents/documentProjection.js';
import { followDocuments } from '../../../projections/documents/follow.js';

export const demo = 'demo' as TenantId;
export const other = 'other' as TenantId;
export const cars = 'cars' as TopicId;
/** When the log recorded the first, milliseconds since the epoch; each later one a minute after the one before. */
export const begun = Date.parse('2026-05-01T08:00:00Z');
export const minute = 60_000;

const factOf = (tenant: TenantId, type: string, id: string, data: unknown): NewFact => ({
  ...{ id, type, data },
  metadata: {
    tenant,
    actor: { kind: 'partner', id: 'motor' },
    ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '', schemaVersion: 1 },
    occurredAt: new Date(begun).toISOString(),
  },
});

type Publication = Published['publication'];

export interface Filled {
  readonly log: MemoryLog;
  publish(
    publications: readonly Publication[],
    tenant?: TenantId,
    topic?: TopicId,
  ): Promise<bigint>;
  attempted(
    subscription: string,
    data: EventOf<typeof DeliveriesAttempted>['data'],
  ): Promise<bigint>;
  /** Any fact of the programme. */
  record(stream: string, type: string, data: unknown): Promise<bigint>;
  /** Resolves when the documents hold everything up to there. */
  until(projection: string, position: bigint): Promise<void>;
  /** What went wrong while the documents were written. */
  readonly warnings: readonly { readonly message: string; readonly fields: object }[];
  stop(): Promise<void>;
}

export const fillDocuments = (db: Db, projections: readonly DocumentProjection[]): Filled => {
  let recorded = 0;
  const log = createMemoryLog(() => begun + recorded * minute);
  const stopping = new AbortController();
  const reached = new Map<string, bigint>();
  const waiting = new Set<() => void>();
  const warnings: { message: string; fields: object }[] = [];
  const warn = (fields: object, message: string) => void warnings.push({ fields, message });
  const silent = () => undefined;
  const running = Promise.all(
    projections.map((projection) =>
      followDocuments({
        ...{ feed: log, db, projection, share: null, metrics: {}, signal: stopping.signal },
        logger: { debug: silent, info: silent, warn, error: warn },
        onAdvanced: (name, position) => {
          reached.set(name, position);
          for (const wake of waiting) wake();
        },
        onCaughtUp: () => undefined,
      }),
    ),
  );
  const append = async (stream: string, facts: readonly NewFact[]): Promise<bigint> => {
    let position = 0n;
    for (const fact of facts) {
      position = (await log.append(stream, 'any', [fact])).position;
      recorded += 1;
    }
    return position;
  };
  return {
    log,
    warnings,
    publish: (publications, tenant = demo, topic = cars) =>
      append(
        publicationsStream(tenant, topic),
        publications.map((publication) =>
          factOf(tenant, 'EventPublished', `${tenant} ${topic} ${publication.id}`, {
            partnerId: 'motor',
            publication,
          }),
        ),
      ),
    attempted: (subscription, data) =>
      append(`deliveries-${demo}.${subscription}`, [
        factOf(demo, 'DeliveriesAttempted', `${subscription} ${recorded}`, data),
      ]),
    record: (stream, type, data) =>
      append(stream, [factOf(demo, type, `${stream} ${recorded}`, data)]),
    until: async (name, position) => {
      const deadline = Date.now() + 60_000;
      while ((reached.get(name) ?? -1n) < position) {
        if (Date.now() > deadline) {
          throw new Error(`${name} is not at ${position}: ${JSON.stringify(warnings.at(-1))}`);
        }
        await new Promise<void>((resolve) => {
          waiting.add(resolve);
          setTimeout(resolve, 100);
        });
        waiting.clear();
      }
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
