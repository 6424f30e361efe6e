/**
 * The prize draws of every tenant, as decisions look them up: which are open, and what has become of the others. A part of the
 * directory. The entries are not in it: they are in the draws' own streams.
 */
import type { DrawEvent, DrawId, DrawTerms } from '../domain/draw/draw.js';
import type { Fact } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import { parseStreamName } from '../domain/stream.js';
import type { DirectoryPart } from './directoryPart.js';

export interface DrawRecord {
  readonly drawId: DrawId;
  readonly terms: DrawTerms;
  readonly seedHash: string;
  readonly status: 'announced' | 'closed' | 'decided' | 'cancelled';
}

export interface Draws extends DirectoryPart {
  get(tenant: TenantId, drawId: DrawId): DrawRecord | undefined;
  list(tenant: TenantId): Iterable<DrawRecord>;
}

type Told = Exclude<DrawEvent, { type: 'DrawEntered' | 'DrawEntryWithdrawn' }>;

const statusAfter = {
  DrawAnnounced: 'announced',
  DrawClosed: 'closed',
  DrawDecided: 'decided',
  DrawCancelled: 'cancelled',
} as const satisfies Record<Told['type'], DrawRecord['status']>;

export const createDraws = (): Draws => {
  const shelves = new Map<TenantId, Map<DrawId, DrawRecord>>();

  const file = (records: Map<DrawId, DrawRecord>, fact: Fact): void => {
    const event = { type: fact.type, data: fact.data } as Told;
    const status = statusAfter[event.type];
    if (event.type === 'DrawAnnounced') {
      records.set(event.data.drawId, { ...event.data, status });
      return;
    }
    const drawId = (parseStreamName(fact.stream)?.id ?? '') as DrawId;
    const record = records.get(drawId);
    if (record) records.set(drawId, { ...record, status });
  };

  return {
    eventTypes: new Set(Object.keys(statusAfter)),
    apply: (fact) => {
      const { tenant } = fact.metadata;
      const records = shelves.get(tenant) ?? new Map<DrawId, DrawRecord>();
      shelves.set(tenant, records);
      file(records, fact);
    },
    get: (tenant, drawId) => shelves.get(tenant)?.get(drawId),
    list: (tenant) => shelves.get(tenant)?.values() ?? [],
  };
};
