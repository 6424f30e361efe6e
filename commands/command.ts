/**
 * What a command is made of: the shape of its input, where it is decided, what it looks up, which decider it calls, what it
 * answers. One file per command holds one of these; handle.ts carries it out.
 */
import type { Static, TSchema } from '@sinclair/typebox';
import type { Aggregate, DomainEvent, Recorded } from '../domain/event.js';
import type { Actor, Fact } from '../domain/fact.js';
import type { TenantId } from '../domain/ids.js';
import type { StreamName } from '../domain/stream.js';
import type { Directory } from './directory.js';

/** The circumstances of a command. Time and identity come in from outside; nothing below reads a clock. */
export interface CommandContext {
  readonly tenant: TenantId;
  readonly actor: Actor;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The same key with the same input is the same command: it is carried out once and gets the first answer again. */
  readonly idempotencyKey: string;
  readonly correlationId: string;
  readonly causationId?: string;
  /** To go on from, where what it answers was traced. */
  readonly traceparent?: string | undefined;
}

/** A decision on a small stream of its own that must be won first: a unique card number, a share of a budget, a code that works once. */
export interface Step {
  readonly stream: StreamName;
  // The state and events of the step are its own affair; `step` below keeps the two in agreement.
  readonly aggregate: Aggregate<unknown, DomainEvent>;
  readonly decide: (state: unknown) => readonly DomainEvent[];
  /** Where the command can do without: it looks up and decides again. Otherwise the refusal is its answer. */
  readonly whenRefused?: 'decideAgain';
}

export const step = <State, Event extends DomainEvent>(options: {
  readonly stream: StreamName;
  readonly aggregate: Aggregate<State, Event>;
  readonly decide: (state: State) => readonly Event[];
  readonly whenRefused?: 'decideAgain';
}): Step => options as unknown as Step;

/** What other processes wrote in the last `freshWithinMs` may be missing; where that is left out, whatever they wrote since. */
export type StateOf = <State, Event extends DomainEvent>(
  stream: StreamName,
  aggregate: Aggregate<State, Event>,
  freshWithinMs?: number,
) => Promise<State>;

export interface LookUp<State> {
  readonly directory: Directory;
  readonly state: State;
  /**
   * The state of another stream, as far as this process knows it: for small streams whose last word is a reservation. Ask only for
   * streams that `reserve` steps of this command may touch, never for those of the command's own category.
   */
  readonly stateOf: StateOf;
  /** Facts of the command's own stream. */
  readonly read: (revision: number, count: number) => Promise<Fact[]>;
  /** uuid of this command: the same for every repeat, so ids derived from it are stable. */
  readonly commandId: string;
}

export interface Decided<Input, State, Event extends DomainEvent, Found> {
  /** What was recorded; empty where the command had been carried out before under another key. */
  readonly events: readonly Recorded<Event>[];
  readonly state: State;
  readonly input: Input;
  readonly context: CommandContext;
  /** Null when the command is repeated: its answer comes from the events alone. */
  readonly found: Found | null;
  /** For words that were not recorded: a version of a campaign never changes. */
  readonly directory: Directory;
}

export interface CommandDefinition<
  Schema extends TSchema,
  State,
  Event extends DomainEvent,
  Found,
  Answer,
> {
  readonly name: string;
  /** One sentence for the API's documentation. */
  readonly summary: string;
  readonly input: Schema;
  readonly aggregate: Aggregate<State, Event>;
  readonly stream: (input: Static<Schema>, context: CommandContext) => StreamName;
  readonly lookUp: (
    input: Static<Schema>,
    context: CommandContext,
    from: LookUp<State>,
  ) => Found | Promise<Found>;
  readonly decide: (
    input: Static<Schema>,
    state: State,
    found: Found,
    context: CommandContext,
  ) => readonly Event[];
  /** Carried out after `decide` agreed and before its events are appended. What is won and not used is released by a worker. */
  readonly reserve?: (
    input: Static<Schema>,
    context: CommandContext,
    found: Found,
    decided: readonly Event[],
  ) => readonly Step[];
  /** Business time in milliseconds; `context.now` where it is left out. */
  readonly occurredAt?: (input: Static<Schema>, context: CommandContext) => number;
  /**
   * The part of the input that tells a repeat from another body under the same key; all of it where this is left out. Its digest
   * stays in the log for ever and could be guessed at, so passwords and personal data must not be in it.
   */
  readonly fingerprinted?: (input: Static<Schema>) => unknown;
  readonly answer: (decided: Decided<Static<Schema>, State, Event, Found>) => Answer;
}

export const defineCommand = <
  Schema extends TSchema,
  State,
  Event extends DomainEvent,
  Found,
  Answer,
>(
  definition: CommandDefinition<Schema, State, Event, Found, Answer>,
): CommandDefinition<Schema, State, Event, Found, Answer> => definition;
