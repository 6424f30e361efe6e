/**
 * The versions of a topic's JSON Schema. Invariant: a version never changes once it was accepted, and its number is never used
 * again; a retired one judges nothing any more. Whether a schema fits those before it, and the history, was tried before it comes
 * here: what was tried is kept with it.
 */
import { Type } from '@sinclair/typebox';
import { type Aggregate, event, type EventOf, unreachable } from '../event.js';
import type { TenantId, TopicId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const topicSchemasStream = (tenant: TenantId, id: TopicId) =>
  streamName('topicSchemas', tenant, id);

/** What a new version promises about those in use. */
export const Compatibility = Type.Union(
  [Type.Literal('backward'), Type.Literal('forward'), Type.Literal('full'), Type.Literal('none')],
  {
    description:
      'backward: it takes whatever the versions in use take, and the history; forward: they take whatever it takes; full: both; none: nothing is promised',
  },
);
export type Compatibility = 'backward' | 'forward' | 'full' | 'none';

export const SchemaVersion = Type.Integer({ minimum: 1, maximum: 1_000, examples: [1] });
const Place = Type.Integer({ minimum: 0 });

/** Which part of the history it was tried against. */
export const TriedAgainst = Type.Object(
  {
    from: Type.Union([Place, Type.Null()], { description: 'The first place; null: none' }),
    to: Type.Union([Place, Type.Null()], { description: 'The last place; null: none' }),
    checked: Type.Integer({ minimum: 0 }),
    failed: Type.Integer({ minimum: 0 }),
    /** Erased or expired, or published without JSON data. */
    passed: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);

// These names are the storage format: proof-read, version with care.
export const TopicSchemaAccepted = event('TopicSchemaAccepted', {
  version: SchemaVersion,
  compatibility: Compatibility,
  /** As JSON text, exactly as it was compiled: a number or a key of it is never turned into another. */
  schema: Type.String({ maxLength: 40_000 }),
  tried: TriedAgainst,
});
export const TopicSchemaRetired = event('TopicSchemaRetired', {
  version: SchemaVersion,
  reason: Type.String({ maxLength: 500 }),
});

export const topicSchemasEvents = [TopicSchemaAccepted, TopicSchemaRetired] as const;
export type TopicSchemasEvent = EventOf<(typeof topicSchemasEvents)[number]>;
export type AcceptedSchema = EventOf<typeof TopicSchemaAccepted>['data'];

export interface SchemaRecord extends AcceptedSchema {
  readonly status: 'active' | 'retired';
  /** Milliseconds since the epoch. */
  readonly acceptedAt: number;
}

/** In the order of their versions. */
export type TopicSchemas = readonly SchemaRecord[];

/** Publications name any version in use, so each of them is compared with a new one. */
export const activeMax = 10;
export const versionsMax = 200;

/** @param at of the event, milliseconds since the epoch. */
export const applySchemas = (
  state: TopicSchemas,
  event: TopicSchemasEvent,
  at: number,
): TopicSchemas => {
  switch (event.type) {
    case 'TopicSchemaAccepted':
      return [...state, { ...event.data, status: 'active', acceptedAt: at }];
    case 'TopicSchemaRetired':
      return state.map((one) =>
        one.version === event.data.version ? { ...one, status: 'retired' } : one,
      );
    default:
      return unreachable(event);
  }
};

export const topicSchemas: Aggregate<TopicSchemas, TopicSchemasEvent> = {
  category: 'topicSchemas',
  initial: () => [],
  evolve: (state, event) => applySchemas(state, event, event.occurredAt),
};

export const inUse = (state: TopicSchemas): TopicSchemas =>
  state.filter(({ status }) => status === 'active');

/** @param knownVersions the number of versions that the trial knew: another accepted meanwhile was not compared with. */
export const acceptSchema = (
  proposal: Omit<AcceptedSchema, 'version'> & { readonly knownVersions: number },
  state: TopicSchemas,
): TopicSchemasEvent[] => {
  const { compatibility, schema, tried, knownVersions } = proposal;
  const newest = inUse(state).at(-1);
  if (newest?.schema === schema && newest.compatibility === compatibility) return []; // already carried out
  if (state.length !== knownVersions) throw rejected('schemas-changed');
  if (state.length >= versionsMax) throw rejected('too-many-schemas', { most: versionsMax });
  if (inUse(state).length >= activeMax) throw rejected('too-many-schemas', { inUse: activeMax });
  const version = state.length + 1;
  return [{ type: 'TopicSchemaAccepted', data: { version, compatibility, schema, tried } }];
};

export const retireSchema = (
  command: EventOf<typeof TopicSchemaRetired>['data'],
  state: TopicSchemas,
): TopicSchemasEvent[] => {
  const found = state[command.version - 1];
  if (!found) throw rejected('version-not-found', { version: command.version });
  if (found.status === 'retired') return []; // already carried out
  return [{ type: 'TopicSchemaRetired', data: command }];
};
