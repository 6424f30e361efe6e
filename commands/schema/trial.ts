/**
 * Tries a schema before it is accepted: against the versions in use, by what they say, and against what was really published, as far
 * back as was asked. Both are needed: a comparison of schemas knows nothing of data from before the first one.
 */
import { setImmediate as turn } from 'node:timers/promises';
import type { TenantId, TopicId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import { inclusionFaults } from '../../domain/schema/inclusion.js';
import { documentOf, type Schema } from '../../domain/schema/schema.js';
import {
  type AcceptedSchema,
  type Compatibility,
  inUse,
  type TopicSchemas,
} from '../../domain/topic/schemas.js';
import type { Log } from '../log.js';
import type { Reveal } from '../publication/reveal.js';
import type { Fault } from '../validation.js';
import { type CompiledSchema, faultsOf } from './compile.js';

export interface VersionFault extends Fault {
  /** Of the version that the new one is compared with. */
  readonly version: number;
  /** The schema into which the pointer leads: the proposed one, or that version. */
  readonly in: 'proposed' | 'version';
}

const faultsMax = 50;

/** Where the schema does not keep what its compatibility promises; empty: it does, as far as words go. */
export const comparedWithVersions = async (
  schema: string,
  compatibility: Compatibility,
  schemas: TopicSchemas,
): Promise<readonly VersionFault[]> => {
  if (compatibility === 'none') return [];
  const parsed = (text: string) => documentOf(JSON.parse(text) as Schema);
  const proposed = parsed(schema);
  const faults: VersionFault[] = [];
  for (const { version, schema: text } of inUse(schemas)) {
    const known = parsed(text);
    const backward = compatibility === 'forward' ? [] : inclusionFaults(known, proposed);
    // Others want the processor, too.
    await turn();
    const forward = compatibility === 'backward' ? [] : inclusionFaults(proposed, known);
    await turn();
    faults.push(
      ...backward.map((fault) => ({ version, in: 'proposed' as const, ...fault })),
      ...forward.map((fault) => ({ version, in: 'version' as const, ...fault })),
    );
  }
  return faults.slice(0, faultsMax);
};

export type Tried = AcceptedSchema['tried'];

export interface FailedPlace {
  readonly place: number;
  /** Of the event. */
  readonly id: string;
  readonly faults: readonly Fault[];
}

export interface TriedOnHistory {
  readonly tried: Tried;
  /** The first of them. */
  readonly failures: readonly FailedPlace[];
}

export interface HistoryTrial {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  readonly compiled: CompiledSchema;
  /** How many of the latest places; Infinity: all. */
  readonly last: number;
}

export interface HistoryParts {
  readonly log: Pick<Log, 'read'>;
  readonly reveal: Reveal;
  /** Of the topic's stream; null: nothing was published. */
  readonly lastPlace: (stream: string) => Promise<number | null>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

const pageMax = 200;
const failuresMax = 50;
const faultsOfPlaceMax = 5;

/** @param tell how many places of how many are looked at. @throws what the log throws, and the signal's reason. */
export const tryOnHistory = async (
  { log, reveal, lastPlace, now }: HistoryParts,
  { tenant, topicId, compiled, last }: HistoryTrial,
  signal: AbortSignal,
  tell: (done: number, total: number) => void,
): Promise<TriedOnHistory> => {
  const stream = publicationsStream(tenant, topicId);
  const to = last === 0 ? null : await lastPlace(stream);
  const nothing = { from: null, to: null, checked: 0, failed: 0, passed: 0 };
  if (to === null) return { tried: nothing, failures: [] };
  const from = Math.max(0, to - last + 1);
  const counts = { checked: 0, failed: 0, passed: 0 };
  const failures: FailedPlace[] = [];
  for (let place = from; place <= to;) {
    signal.throwIfAborted();
    const page = await log.read(stream, place, Math.min(pageMax, to - place + 1));
    if (page.length === 0) break;
    for (const fact of page) {
      const revealed = await reveal(tenant, topicId, fact, now());
      if (revealed.kind !== 'shown' || revealed.publication.data === undefined) {
        counts.passed += 1;
        continue;
      }
      counts.checked += 1;
      const { id, data } = revealed.publication;
      const faults = faultsOf(compiled, data);
      if (faults.length === 0) continue;
      counts.failed += 1;
      if (failures.length < failuresMax) {
        failures.push({ place: fact.revision, id, faults: faults.slice(0, faultsOfPlaceMax) });
      }
    }
    place = (page.at(-1)?.revision ?? to) + 1;
    tell(place - from, to - from + 1);
    // Others want the processor, too.
    await turn();
  }
  return { tried: { from, to, ...counts }, failures };
};
