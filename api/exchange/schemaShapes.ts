/** Schemas of topics and their trials as they look outside. */
import { type Static, Type } from '@sinclair/typebox';
import type { SchemaTrial } from '../../commands/schema/trials.js';
import { TopicId } from '../../domain/ids.js';
import {
  Compatibility,
  SchemaVersion,
  type SchemaRecord,
  TriedAgainst,
} from '../../domain/topic/schemas.js';
import { Instant, instantOf, InstantOrNull, instantOrNull } from '../wire.js';

const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

const Pointed = { pointer: Type.String(), reason: Type.String() };

export const Proposed = Type.Object(
  {
    schema: Type.Object({}, { additionalProperties: true, description: 'JSON Schema 2020-12' }),
    compatibility: Compatibility,
    history: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Integer({ minimum: 0, maximum: 10_000_000 })], {
        description: 'How many of the latest events it is tried against: 10,000 unless told',
      }),
    ),
    preview: Type.Optional(
      Type.Boolean({ description: 'It is tried and not accepted. No unless told.' }),
    ),
  },
  { additionalProperties: false, title: 'ProposedSchema' },
);

export const Trial = Type.Object(
  {
    trialId: Type.String(),
    topicId: TopicId,
    compatibility: Compatibility,
    preview: Type.Boolean(),
    state: Type.Union(
      (['running', 'accepted', 'fits', 'refused', 'failed', 'cancelled'] as const).map((state) =>
        Type.Literal(state),
      ),
      { description: 'fits: a preview that would have been accepted' },
    ),
    done: Type.Integer({ description: 'Places that were looked at' }),
    total: Type.Integer({ description: 'Places to look at' }),
    faults: Type.Array(
      Type.Object({
        version: SchemaVersion,
        in: Type.Union([Type.Literal('proposed'), Type.Literal('version')], {
          description: 'Which schema the pointer leads into: the proposed one, or that version',
        }),
        ...Pointed,
      }),
      { description: 'Against the versions in use: where a promise is not kept, by what they say' },
    ),
    tried: Nullable(TriedAgainst),
    failures: Type.Array(
      Type.Object({
        place: Type.Integer({ minimum: 0 }),
        id: Type.String({ description: 'Of the event' }),
        faults: Type.Array(Type.Object(Pointed)),
      }),
      { description: 'Against the history: the first places that it refuses, at most 50' },
    ),
    version: Nullable(SchemaVersion),
    code: Nullable(Type.String({ description: 'Why it was refused or failed' })),
    startedAt: Instant,
    finishedAt: InstantOrNull,
  },
  { title: 'SchemaTrial' },
);

export const shownTrial = (trial: SchemaTrial): Static<typeof Trial> => {
  const { tenant: _tenant, faults, failures, ...shown } = trial;
  return {
    ...shown,
    faults: [...faults],
    failures: failures.map((failed) => ({ ...failed, faults: [...failed.faults] })),
    startedAt: instantOf(trial.startedAt),
    finishedAt: instantOrNull(trial.finishedAt),
  };
};

const listed = {
  version: SchemaVersion,
  status: Type.Union([Type.Literal('active'), Type.Literal('retired')]),
  compatibility: Compatibility,
  acceptedAt: Instant,
  tried: TriedAgainst,
};
export const ListedSchema = Type.Object(listed, { title: 'TopicSchema' });
export const ShownSchema = Type.Object(
  {
    ...listed,
    dataschema: Type.String({ description: 'By which a publication asks for this version' }),
    schema: Type.Object({}, { additionalProperties: true }),
  },
  { title: 'TopicSchemaShown' },
);

export const listedSchema = (record: SchemaRecord): Static<typeof ListedSchema> => {
  const { version, status, compatibility, acceptedAt, tried } = record;
  return { version, status, compatibility, acceptedAt: instantOf(acceptedAt), tried };
};
