/**
 * From what was sent to what is recorded: judged by the topic's schema, its handling written down, what is personal sealed. Where a
 * topic and a publication ask for none of this, nothing is awaited.
 */
import type { PartnerId, TenantId } from '../../domain/ids.js';
import { takeOut } from '../../domain/publication/pointer.js';
import {
  handlingAttributes,
  type Publication,
  type Published,
} from '../../domain/publication/publication.js';
import type { TopicRecord } from '../exchange.js';
import type { PersonalKeys } from '../personalData.js';
import type { TopicPublishing } from '../publishing.js';
import { type SchemaJudge, schemaNotMet } from '../schema/judge.js';
import { type Fault, InvalidInput } from '../validation.js';
import { type Handling, handlingOf } from './handling.js';
import { sealContent } from './sealing.js';

/** Sent, judged, and not yet sealed. */
export interface Judged {
  readonly publication: Publication;
  readonly handling: Handling;
  readonly schemaVersion: number | undefined;
}

export interface Recordable {
  readonly data: Published;
  /** What tells a repeat from something else under the same key, without anything personal. */
  readonly compared: unknown;
}

export interface JudgedBy {
  readonly tenant: TenantId;
  readonly topic: TopicRecord;
  readonly publishing: TopicPublishing | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Verdict {
  readonly judged: Judged;
  /** With pointers into the publication. */
  readonly faults: readonly Fault[];
  /** Of the data, by the schema. */
  readonly schemaFaults: readonly Fault[];
}

const bytesFault = (publication: Publication, bytesMax: number): Fault | null => {
  const bytes = Buffer.byteLength(JSON.stringify(publication));
  if (bytes <= bytesMax) return null;
  return { pointer: '', reason: `must be at most ${bytesMax} bytes as JSON, not ${bytes}` };
};

const depthMax = 32;

/** Lists and objects within each other. What came by another way than HTTP was not counted before. */
export const isDeeper = (value: unknown, levels: number): boolean => {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const name in value) {
    if (isDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  }
  return false;
};

const tooDeep: Fault = { pointer: '/data', reason: `must be nested at most ${depthMax} levels` };

/** One by one; nothing is thrown for a fault of what was sent. @throws Rejected version-not-found, schema-retired */
export const judge = (
  publication: Publication,
  { tenant, topic, publishing, now }: JudgedBy,
  schemaJudge: SchemaJudge,
): Verdict => {
  const { classification, topicId } = topic;
  if (isDeeper(publication.data, depthMax)) {
    const handling = { classification, expiresAt: undefined, personal: null };
    const judged = { publication, handling, schemaVersion: undefined };
    return { judged, faults: [tooDeep], schemaFaults: [] };
  }
  const about = { classification, handling: publishing?.handling };
  const { handling, faults } = handlingOf(publication, about, now);
  const bytesMax = publishing?.limits.eventBytesMax;
  const tooLarge = bytesMax == null ? null : bytesFault(publication, bytesMax);
  const bySchema =
    publishing && publishing.schemas.length > 0
      ? schemaJudge.judge({ tenant, topicId, schemas: publishing.schemas }, publication)
      : null;
  return {
    judged: { publication, handling, schemaVersion: bySchema?.version },
    faults: tooLarge ? [...faults, tooLarge] : faults,
    schemaFaults: bySchema?.faults ?? [],
  };
};

const at = (index: number, { pointer, reason }: Fault): Fault => ({
  pointer: `/publications/${index}${pointer}`,
  reason,
});

/** All of a request, or none. @throws InvalidInput, Rejected schema-not-met with every fault */
export const judgeAll = (
  publications: readonly Publication[],
  by: JudgedBy,
  schemaJudge: SchemaJudge,
): readonly Judged[] => {
  const verdicts = publications.map((publication) => judge(publication, by, schemaJudge));
  const faults = verdicts.flatMap((verdict, i) => verdict.faults.map((fault) => at(i, fault)));
  if (faults.length > 0) throw new InvalidInput(faults);
  const schemaFaults = verdicts.flatMap((verdict, i) =>
    verdict.schemaFaults.map((fault) => at(i, fault)),
  );
  if (schemaFaults.length > 0) {
    const failed = verdicts.find((verdict) => verdict.schemaFaults.length > 0);
    throw schemaNotMet(failed?.judged.schemaVersion ?? null, schemaFaults);
  }
  return verdicts.map(({ judged }) => judged);
};

const plainly = (partnerId: PartnerId, judged: Judged): Published => {
  const { publication, handling, schemaVersion } = judged;
  const { classification, expiresAt } = handling;
  return {
    partnerId,
    publication,
    classification,
    ...(schemaVersion === undefined ? {} : { schemaVersion }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
};

const withoutPersonal = (extensions: NonNullable<Publication['extensions']>) => {
  const {
    [handlingAttributes.subject]: _subject,
    [handlingAttributes.pointers]: _pointers,
    ...rest
  } = extensions;
  return rest;
};

/** Where there is nothing to seal, at once. @throws Rejected subject-erased */
export const recordable = (
  keys: PersonalKeys,
  tenant: TenantId,
  partnerId: PartnerId,
  judged: Judged,
): Recordable | Promise<Recordable> => {
  const { publication, handling } = judged;
  const { personal } = handling;
  if (!personal) return { data: plainly(partnerId, judged), compared: publication };
  return sealed(keys, tenant, partnerId, judged, personal);
};

const sealed = async (
  keys: PersonalKeys,
  tenant: TenantId,
  partnerId: PartnerId,
  judged: Judged,
  { subject, pointers }: NonNullable<Handling['personal']>,
): Promise<Recordable> => {
  const { publication } = judged;
  const { data, taken } = takeOut(publication.data, pointers);
  const content = { subject, taken };
  const { subjectKey, sealed, digest } = await sealContent(keys, tenant, partnerId, content);
  const { extensions, data: _data, ...rest } = publication;
  const shown: Publication = {
    ...rest,
    ...(extensions ? { extensions: withoutPersonal(extensions) } : {}),
    ...(data === undefined ? {} : { data }),
  };
  return {
    data: {
      ...plainly(partnerId, { ...judged, publication: shown }),
      personal: { subjectKey, pointers: [...pointers], sealed },
    },
    compared: [shown, subjectKey, digest],
  };
};
