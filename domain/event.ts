/**
 * How an event is declared: a past-tense name that is unique in the whole system, and the shape of its data.
 *
 * One declaration gives the storage name, the static type and the JSON Schema that the codec checks with ajv. A shape that was
 * shipped never changes in place: a new optional field, or `schemaVersion` + 1 with a pure `upcast` from the version before.
 */
import { Type, type Static, type TObject, type TProperties, type TSchema } from '@sinclair/typebox';

export interface EventDefinition<Name extends string = string, Shape extends TSchema = TSchema> {
  readonly type: Name;
  readonly schema: Shape;
  readonly schemaVersion: number;
  /** Turns data of `version` (below schemaVersion) into data of `version + 1`. */
  readonly upcast?: (data: Record<string, unknown>, version: number) => Record<string, unknown>;
}

export const event = <Name extends string, Properties extends TProperties>(
  type: Name,
  properties: Properties,
  versions?: Pick<EventDefinition, 'schemaVersion' | 'upcast'>,
): EventDefinition<Name, TObject<Properties>> => ({
  type,
  schema: Type.Object(properties, { additionalProperties: false, title: type }),
  schemaVersion: 1,
  ...versions,
});

/** What a decider returns: the fact without the circumstances. */
export type EventOf<Definition> =
  Definition extends EventDefinition<infer Name, infer Shape>
    ? { readonly type: Name; readonly data: Static<Shape> }
    : never;

export interface DomainEvent {
  readonly type: string;
  readonly data: unknown;
}

/** An event of the past as `evolve` sees it. */
export type Recorded<Event extends DomainEvent> = Event & {
  /** Place in its stream, from 0. */
  readonly revision: number;
  /** Business time, milliseconds since the epoch. */
  readonly occurredAt: number;
};

/**
 * The consistency boundary that a command is decided in. `evolve` never judges and is only given what is already recorded; it
 * returns the next state and may reuse parts of the one it was given, so the caller keeps no older state.
 */
export interface Aggregate<State, Event extends DomainEvent> {
  readonly category: string;
  readonly initial: () => State;
  readonly evolve: (state: State, event: Recorded<Event>) => State;
  /** For aggregates whose streams grow long: the state as JSON and back, saved after every `every` events. */
  readonly snapshot?: {
    readonly every: number;
    readonly schemaVersion: number;
    readonly take: (state: State) => unknown;
    readonly restore: (json: unknown) => State;
  };
}

/** Makes a switch exhaustive: it does not compile while a case is missing. */
export const unreachable = (value: never): never => {
  throw new Error(`not reachable: ${JSON.stringify(value)}`);
};
