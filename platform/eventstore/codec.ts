/**
 * Between facts as the domain knows them and events as the log stores them: the only place that does.
 *
 * Data is checked against its schema on the way in, so what is in the log is valid; on the way out only the name and the version
 * are judged (an unknown one fails loudly) and older versions are brought up by their upcasters. Correlation and causation are
 * stored under EventStoreDB's own names, which its by-correlation streams and tools know.
 */
import type { EventData, RecordedEvent } from '@eventstore/db-client';
import type { EventDefinition } from '../../domain/event.js';
import type { Actor, Fact, Metadata, NewFact, Position } from '../../domain/fact.js';
import type { TenantId } from '../../domain/ids.js';
import { mayBeUnstorable, storable } from '../../domain/storable.js';
import { jsonBytes } from './jsonBytes.js';
import { createValidators } from './validators.js';

export interface Codec {
  /** @throws EventRefused where the data is not of its event's shape: a fault in a decider, never in input. */
  encode(fact: NewFact): EventData;
  /** @throws EventRefused for a type or version that this build does not know. */
  decode(event: RecordedEvent, position: Position): Fact;
}

export class EventRefused extends Error {
  override readonly name = 'EventRefused';
}

interface StoredMetadata {
  readonly tenant: TenantId;
  readonly actor: Actor;
  readonly $correlationId: string;
  readonly $causationId: string;
  readonly commandId: string;
  readonly occurredAt: string;
  readonly schemaVersion: number;
  readonly fingerprint: string;
  readonly traceparent?: string | undefined;
}

const utf8 = new TextEncoder();

export const createCodec = (definitions: ReadonlyMap<string, EventDefinition>): Codec => {
  const validatorOf = createValidators();
  const definitionOf = (type: string): EventDefinition => {
    const definition = definitions.get(type);
    if (!definition)
      throw new EventRefused(`no event is called ${type}: is this build older than the log?`);
    return definition;
  };

  const encode = (fact: NewFact): EventData => {
    const definition = definitionOf(fact.type);
    const validate = validatorOf(definition);
    if (!validate(fact.data)) {
      const [fault] = validate.errors ?? [];
      throw new EventRefused(
        `${fact.type}${fault?.instancePath ?? ''} ${fault?.message ?? 'is not valid'}`,
      );
    }
    return jsonBytes(
      fact.id,
      fact.type,
      utf8.encode(storedData(fact.data)),
      utf8.encode(storedMetadata(fact.metadata, definition.schemaVersion)),
    );
  };

  const decode = (event: RecordedEvent, position: Position): Fact => {
    const definition = definitionOf(event.type);
    const stored = event.metadata as unknown as StoredMetadata;
    let data = event.data as unknown as Record<string, unknown>;
    if (stored.schemaVersion > definition.schemaVersion) {
      throw new EventRefused(
        `${event.type} has version ${stored.schemaVersion}, this build knows ${definition.schemaVersion}`,
      );
    }
    for (let version = stored.schemaVersion; version < definition.schemaVersion; version += 1) {
      if (!definition.upcast) throw new EventRefused(`${event.type} has no upcast from ${version}`);
      data = definition.upcast(data, version);
    }
    return {
      id: event.id,
      type: event.type,
      data,
      metadata: {
        tenant: stored.tenant,
        actor: stored.actor,
        correlationId: stored.$correlationId,
        causationId: stored.$causationId,
        commandId: stored.commandId,
        occurredAt: stored.occurredAt,
        schemaVersion: definition.schemaVersion,
        fingerprint: stored.fingerprint,
        ...(stored.traceparent === undefined ? {} : { traceparent: stored.traceparent }),
      },
      stream: event.streamId,
      revision: Number(event.revision),
      position,
      recordedAt: event.created.getTime(),
    };
  };

  return { encode, decode };
};

/** What input was refused for is mended in what others say: providers, letters, Kafka. */
const storedData = (data: unknown): string => {
  const text = JSON.stringify(data);
  return mayBeUnstorable(text) ? JSON.stringify(storable(data)) : text;
};

const storedMetadata = (metadata: Metadata, schemaVersion: number): string => {
  const stored: StoredMetadata = {
    tenant: metadata.tenant,
    actor: metadata.actor,
    $correlationId: metadata.correlationId,
    $causationId: metadata.causationId,
    commandId: metadata.commandId,
    occurredAt: metadata.occurredAt,
    schemaVersion,
    fingerprint: metadata.fingerprint,
    traceparent: metadata.traceparent,
  };
  return JSON.stringify(stored);
};
