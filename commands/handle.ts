/**
 * The only write path: validate, look up, load, decide, append with the expected revision, answer with the position.
 *
 * Invariant: whatever a caller was answered is in the log, exactly once, however often the command is sent. A repeat under the same
 * key gets the first answer, built from the events that were recorded; a lost race is decided again on the reloaded state, a
 * bounded number of times. The hot path is one append and no read.
 */
import type { Static, TSchema } from '@sinclair/typebox';
import type { Aggregate, DomainEvent, Recorded } from '../domain/event.js';
import type { Metadata, NewFact, Position } from '../domain/fact.js';
import { rejected } from '../domain/rejected.js';
import type { StreamName } from '../domain/stream.js';
import type { CommandContext, CommandDefinition, Step } from './command.js';
import { commandIdOf, eventIdOf, fingerprintOf } from './commandId.js';
import type { Directory } from './directory.js';
import { type Log, LogUnavailable, VersionConflict } from './log.js';
import { noSnapshots, type Snapshots } from './snapshots.js';
import { asRecorded, type CachedStream, createStreamCache, remember } from './streamCache.js';
import { assertValid } from './validation.js';

export interface Handled<Answer> {
  readonly answer: Answer;
  /** Of the last event of this command, null where there was nothing to record. */
  readonly position: Position | null;
  readonly repeated: boolean;
}

/** One wide record per command, for the log line and the metrics. */
export interface CommandRecord {
  readonly command: string;
  readonly stream: string;
  readonly commandId: string;
  readonly context: CommandContext;
  readonly events: number;
  readonly attempts: number;
  readonly repeated: boolean;
  readonly error: unknown;
  readonly milliseconds: number;
}

export interface Handler {
  handle<Schema extends TSchema, State, Event extends DomainEvent, Found, Answer>(
    command: CommandDefinition<Schema, State, Event, Found, Answer>,
    input: Static<Schema>,
    context: CommandContext,
  ): Promise<Handled<Answer>>;
  /** The current state of an aggregate, for questions that must not be stale (a quote, who owns a card). */
  state<State, Event extends DomainEvent>(
    stream: StreamName,
    aggregate: Aggregate<State, Event>,
  ): Promise<State>;
  readonly directory: Directory;
  readonly streamsCached: () => number;
}

const attemptsMax = 8;
const directoryDeadlineMs = 2_000;

type AnyAggregate = Aggregate<unknown, DomainEvent>;
const erased = <State, Event extends DomainEvent>(aggregate: Aggregate<State, Event>) =>
  aggregate as unknown as AnyAggregate;

export const createHandler = (options: {
  readonly log: Log;
  readonly directory: Directory;
  readonly snapshots?: Snapshots;
  readonly cacheEntries?: number;
  readonly onHandled?: (record: CommandRecord) => void;
  readonly onSnapshotFailed?: (stream: string, error: unknown) => void;
}): Handler => {
  const { log, directory } = options;
  const snapshots = options.snapshots ?? noSnapshots;
  const cache = createStreamCache({ log, snapshots, entries: options.cacheEntries ?? 50_000 });

  const saveSnapshot = (stream: string, aggregate: AnyAggregate, entry: CachedStream) => {
    if (!aggregate.snapshot) return;
    const { schemaVersion, take } = aggregate.snapshot;
    const snapshot = {
      revision: entry.revision,
      state: take(entry.state),
      commands: [...entry.commands],
    };
    snapshots
      .save(stream, schemaVersion, snapshot)
      .catch((error: unknown) => options.onSnapshotFailed?.(stream, error));
  };

  /** Appends and brings the cached state up to what was appended. */
  const record = async (
    stream: string,
    aggregate: AnyAggregate,
    entry: CachedStream,
    events: readonly DomainEvent[],
    metadata: Omit<Metadata, 'schemaVersion'>,
  ) => {
    const facts = events.map((event, index): NewFact => ({
      id: eventIdOf(metadata.commandId, index),
      type: event.type,
      data: event.data,
      // The codec knows the schema version of each type and puts it in.
      metadata: metadata as Metadata,
    }));
    const first = entry.revision + 1;
    const { position } = await log.append(stream, first === 0 ? 'noStream' : entry.revision, facts);
    const occurredAt = Date.parse(metadata.occurredAt);
    const recorded = events.map((event, index): Recorded<DomainEvent> => ({
      type: event.type,
      data: event.data,
      revision: first + index,
      occurredAt,
    }));
    for (const event of recorded) entry.state = aggregate.evolve(entry.state, event);
    entry.revision += events.length;
    const { commandId, fingerprint } = metadata;
    remember(entry, commandId, { revision: first, count: events.length, fingerprint });
    const every = aggregate.snapshot?.every;
    if (every && Math.floor(first / every) !== Math.floor((entry.revision + 1) / every)) {
      saveSnapshot(stream, aggregate, entry);
    }
    return { position, recorded };
  };

  /** Runs `attempt` on the loaded stream until no race is lost; what cannot be learned or was lost is reloaded first. */
  const onStream = <Result>(
    stream: string,
    aggregate: AnyAggregate,
    attempt: (entry: CachedStream, number: number) => Promise<Result>,
  ): Promise<Result> =>
    cache.exclusive(stream, async () => {
      for (let number = 1; ; number += 1) {
        const entry = await cache.load(stream, aggregate);
        try {
          return await attempt(entry, number);
        } catch (error) {
          const lost = error instanceof VersionConflict;
          if (lost || error instanceof LogUnavailable) cache.forget(stream);
          if (!lost || number >= attemptsMax) throw error;
          await pause(number);
        }
      }
    });

  const carryOutStep = (step: Step, name: string, context: CommandContext, cause: string) => {
    const commandId = commandIdOf(name, step.stream, cause);
    return onStream(step.stream, step.aggregate, async (entry) => {
      const events = step.decide(entry.state);
      if (events.length === 0) return;
      await record(step.stream, step.aggregate, entry, events, {
        ...circumstances(context, commandId, context.now),
        causationId: cause,
        fingerprint: '',
      });
    });
  };

  const handle: Handler['handle'] = async (command, input, context) => {
    const started = performance.now();
    assertValid(command.input, input);
    const stream = command.stream(input, context);
    const commandId = commandIdOf(command.name, stream, context.idempotencyKey);
    const fingerprint = fingerprintOf(command.fingerprinted ? command.fingerprinted(input) : input);
    const aggregate = erased(command.aggregate);
    let attempts = 0;
    let events = 0;
    let repeated = false;
    let failure: unknown = null;
    type Event = Parameters<typeof command.answer>[0]['events'][number];
    type State = Parameters<typeof command.answer>[0]['state'];

    const repeat = async (entry: CachedStream, mark: { revision: number; count: number }) => {
      repeated = true;
      const facts = await log.read(stream, mark.revision, mark.count);
      const answer = command.answer({
        events: facts.map(asRecorded) as Event[],
        state: entry.state as State,
        input,
        context,
        found: null,
      });
      return { answer, position: facts.at(-1)?.position ?? null, repeated };
    };

    try {
      const handled = await onStream(stream, aggregate, async (entry, number) => {
        attempts = number;
        const mark = entry.commands.get(commandId);
        if (mark) {
          if (mark.fingerprint !== fingerprint) throw rejected('idempotency-key-reused');
          return repeat(entry, mark);
        }
        const state = entry.state as State;
        const found = await command.lookUp(input, context, {
          directory,
          state,
          commandId,
          read: (revision, count) => log.read(stream, revision, count),
        });
        const decided = command.decide(input, state, found, context);
        if (decided.length === 0) {
          const answer = command.answer({ events: [], state, input, context, found });
          return { answer, position: null, repeated: true };
        }
        for (const step of command.reserve?.(input, context, found) ?? []) {
          await carryOutStep(step, `${command.name}/reserve`, context, commandId);
        }
        const occurredAt = command.occurredAt?.(input, context) ?? context.now;
        const { position, recorded } = await record(stream, aggregate, entry, decided, {
          ...circumstances(context, commandId, occurredAt),
          fingerprint,
        });
        events = recorded.length;
        const answer = command.answer({
          events: recorded as Event[],
          state: entry.state as State,
          input,
          context,
          found,
        });
        if (decided.some((event) => directory.eventTypes.has(event.type))) {
          await directory.waitFor(position, directoryDeadlineMs);
        }
        return { answer, position, repeated: false };
      });
      repeated = handled.repeated;
      return handled;
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      options.onHandled?.({
        command: command.name,
        stream,
        commandId,
        context,
        events,
        attempts,
        repeated,
        error: failure,
        milliseconds: performance.now() - started,
      });
    }
  };

  return {
    handle,
    state: (stream, aggregate) =>
      cache.exclusive(stream, async () => {
        const entry = await cache.load(stream, erased(aggregate));
        return entry.state as ReturnType<typeof aggregate.initial>;
      }),
    directory,
    streamsCached: cache.size,
  };
};

const circumstances = (context: CommandContext, commandId: string, occurredAt: number) => ({
  tenant: context.tenant,
  actor: context.actor,
  correlationId: context.correlationId,
  causationId: context.causationId ?? context.correlationId,
  commandId,
  occurredAt: new Date(occurredAt).toISOString(),
});

/** 1, 2, 4 … 64 ms with jitter: a lost race is over when the winner's append is. */
const pause = (attempt: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, (0.5 + Math.random()) * 2 ** (attempt - 1)));
