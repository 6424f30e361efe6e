/** Which version of a topic's schema a publication is judged by, and what that version finds at fault. */
import type { TenantId, TopicId } from '../../domain/ids.js';
import type { Publication } from '../../domain/publication/publication.js';
import { rejected } from '../../domain/rejected.js';
import { inUse, type SchemaRecord, type TopicSchemas } from '../../domain/topic/schemas.js';
import type { Fault } from '../validation.js';
import { type CompiledSchemas, faultsOf } from './compile.js';

export interface SchemaVerdict {
  readonly version: number;
  /** With pointers into the publication; empty: it is met. */
  readonly faults: readonly Fault[];
}

export interface OfTopic {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  readonly schemas: TopicSchemas;
}

export interface SchemaJudge {
  /** Null where no version is in use. @throws Rejected version-not-found, schema-retired of a version that is named */
  judge(of: OfTopic, publication: Publication): SchemaVerdict | null;
}

/** How a publication names a version of the topic's own schema, as `dataschema`. */
export const schemaPath = (topicId: TopicId, version: number): string =>
  `/exchange/v1/topics/${topicId}/schemas/${version}`;

const named = /\/exchange\/v1\/topics\/([a-z0-9_]+)\/schemas\/(\d{1,4})$/;

/** The version that the publication names, or the newest in use. */
const versionFor = (
  { topicId, schemas }: OfTopic,
  { dataschema }: Publication,
): SchemaRecord | undefined => {
  const found = dataschema === undefined ? null : named.exec(dataschema);
  if (!found || found[1] !== topicId) return inUse(schemas).at(-1);
  const version = Number(found[2]);
  const record = schemas[version - 1];
  if (!record) throw rejected('version-not-found', { version });
  if (record.status === 'retired') throw rejected('schema-retired', { version });
  return record;
};

export const createSchemaJudge = (compiled: CompiledSchemas): SchemaJudge => ({
  judge: (of, publication) => {
    const record = versionFor(of, publication);
    if (!record) return null;
    const { version, schema } = record;
    if (publication.dataBase64 !== undefined) {
      const reason = `must be JSON data: the topic has a schema`;
      return { version, faults: [{ pointer: '/dataBase64', reason }] };
    }
    if (publication.data === undefined) {
      return { version, faults: [{ pointer: '/data', reason: 'is missing' }] };
    }
    const faults = faultsOf(compiled.of(schema), publication.data);
    return {
      version,
      faults: faults.map(({ pointer, reason }) => ({ pointer: `/data${pointer}`, reason })),
    };
  },
});

const faultsShown = 50;

/** @param faults with pointers into what was sent. */
export const schemaNotMet = (schemaVersion: number | null, faults: readonly Fault[]) =>
  rejected('schema-not-met', { schemaVersion, faults: faults.slice(0, faultsShown) });
