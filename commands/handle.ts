/**
 * The only write path: validate, look up, load, decide, append with the expected revision, answer with the position.
 *
 * Invariant: whatever a caller was answered is in the log, exactly once, however often the command is sent. A repeat under the same
 * key gets the first answer, built from the events that were recorded; a lost race is decided again on the reloaded state, a
 * bounded number of times. The hot path is one append and no read.
 *
 * Records are written out here and not spread from others: what a spread adds to goes through the slow path of V8, which took
 * several percent of a confirm.
 */
import type { Static, TSchema } from '@sinclair/typebox';
import type { Aggregate, DomainEvent } from '../domain/event.js';
import type { Metadata, Position } from '../domain/fact.js';
import { Rejected, rejected } from '../domain/rejected.js';
import type { StreamName } from '../domain/stream.js';
import type { CommandContext, CommandDefinition, StateOf, Step } from './command.js';
import { commandIdOf, fingerprintOf } from './commandId.js';
import type { Directory } from './directory.js';
import type { Log } from './log.js';
import { noSnapshots, type Snapshots } from './snapshots.js';
import { asRecorded, type CachedStream } from './streamCache.js';
import { createStreamWriter } from './streamWriter.js';
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
  readonly state: StateOf;
  readonly directory: Directory;
  readonly streamsCached: () => number;
}

const directoryDeadlineMs = 2_000;
/** A receipt can lose a campaign or a coupon each time, and has seldom more than a few that are scarce. */
const roundsMax = 12;
const cacheEntriesDefault = 50_000;

type AnyCommand = CommandDefinition<TSchema, unknown, DomainEvent, unknown, unknown>;

/** One command on its way, and what becomes of it. */
interface Carried {
  readonly command: AnyCommand;
  readonly input: unknown;
  readonly context: CommandContext;
  readonly stream: StreamName;
  readonly commandId: string;
  readonly fingerprint: string;
  attempts: number;
  events: number;
  repeated: boolean;
}

export const createHandler = (options: {
  readonly log: Log;
  readonly directory: Directory;
  readonly snapshots?: Snapshots;
  readonly cacheEntries?: number;
  readonly onHandled?: (record: CommandRecord) => void;
  readonly onSnapshotFailed?: (stream: string, error: unknown) => void;
}): Handler => {
  const { log, directory } = options;
  const writer = createStreamWriter({
    log,
    snapshots: options.snapshots ?? noSnapshots,
    entries: options.cacheEntries ?? cacheEntriesDefault,
    onSnapshotFailed: options.onSnapshotFailed ?? (() => undefined),
  });

  const stateOf = <State, Event extends DomainEvent>(
    stream: StreamName,
    of: Aggregate<State, Event>,
    freshWithinMs?: number,
  ) => {
    const aggregate = of as unknown as Aggregate<unknown, DomainEvent>;
    return writer.state(stream, aggregate, freshWithinMs) as Promise<State>;
  };

  /** What was won before and let go meanwhile is won anew, by other events: so their ids come from their place, too. */
  const carryOutStep = (step: Step, { command, context, commandId: cause }: Carried) => {
    return writer.onStream(step.stream, step.aggregate, async (entry) => {
      let events = step.decide(entry.state);
      // That it is won already is only believed of the last word of the stream: somebody else may have it by now.
      if (events.length === 0 && (await writer.readOn(step.stream, step.aggregate))) {
        events = step.decide(entry.state);
      }
      if (events.length === 0) return;
      const place = `${cause} ${entry.revision}`;
      const commandId = commandIdOf(`${command.name}/reserve`, step.stream, place);
      const metadata = metadataOf(context, commandId, cause, context.now, '');
      await writer.record(step.stream, step.aggregate, entry, events, metadata);
    });
  };

  /** Wins what the decision needs. Whether it has to be taken again, without what could not be won. */
  const reserve = async (carried: Carried, steps: readonly Step[], round: number) => {
    for (const step of steps) {
      try {
        await carryOutStep(step, carried);
      } catch (error) {
        const again = step.whenRefused === 'decideAgain' && round < roundsMax;
        if (!again || !(error instanceof Rejected)) throw error;
        return true;
      }
    }
    return false;
  };

  /** The first answer again, from the events that it was made of. */
  const repeat = async (
    carried: Carried,
    entry: CachedStream,
    mark: { readonly revision: number; readonly count: number },
  ): Promise<Handled<unknown>> => {
    const { command, input, context, stream } = carried;
    carried.repeated = true;
    const facts = await log.read(stream, mark.revision, mark.count);
    const events = facts.map(asRecorded);
    const { state } = entry;
    const answer = command.answer({ events, state, input, context, found: null, directory });
    return { answer, position: facts.at(-1)?.position ?? null, repeated: true };
  };

  const decide = async (
    carried: Carried,
    entry: CachedStream,
    round = 1,
  ): Promise<Handled<unknown>> => {
    const { command, input, context, stream, commandId, fingerprint } = carried;
    const { state } = entry;
    const read = (revision: number, count: number) => log.read(stream, revision, count);
    const from = { directory, state, stateOf, commandId, read };
    const found = await command.lookUp(input, context, from);
    const decided = command.decide(input, state, found, context);
    if (decided.length === 0) {
      carried.repeated = true;
      const answer = command.answer({ events: [], state, input, context, found, directory });
      return { answer, position: null, repeated: true };
    }
    const steps = command.reserve?.(input, context, found, decided);
    if (steps && (await reserve(carried, steps, round))) return decide(carried, entry, round + 1);
    const occurredAt = command.occurredAt?.(input, context) ?? context.now;
    const { aggregate } = command;
    const cause = context.causationId ?? context.correlationId;
    const metadata = metadataOf(context, commandId, cause, occurredAt, fingerprint);
    const { position, recorded } = await writer.record(stream, aggregate, entry, decided, metadata);
    carried.events = recorded.length;
    const decision = { events: recorded, state: entry.state, input, context, found, directory };
    const answer = command.answer(decision);
    if (decided.some((event) => directory.eventTypes.has(event.type))) {
      await directory.waitFor(position, directoryDeadlineMs);
    }
    return { answer, position, repeated: false };
  };

  const carryOut = (carried: Carried): Promise<Handled<unknown>> => {
    const { command, stream, commandId, fingerprint } = carried;
    const judge = async (entry: CachedStream): Promise<Handled<unknown>> => {
      const mark = entry.commands.get(commandId);
      if (!mark) return decide(carried, entry);
      if (mark.fingerprint !== fingerprint) throw rejected('idempotency-key-reused');
      return repeat(carried, entry, mark);
    };
    return writer.onStream(stream, command.aggregate, async (entry, attempt) => {
      carried.attempts = attempt;
      const handled = await judge(entry);
      // That nothing is left to do appends nothing either, so like a refusal it is only told of the last word of the stream.
      const isOld = handled.position === null && (await writer.readOn(stream, command.aggregate));
      if (!isOld) return handled;
      carried.repeated = false;
      return judge(entry);
    });
  };

  const handle = async (
    command: AnyCommand,
    input: unknown,
    context: CommandContext,
  ): Promise<Handled<unknown>> => {
    const started = performance.now();
    assertValid(command.input, input);
    const stream = command.stream(input, context);
    const commandId = commandIdOf(command.name, stream, context.idempotencyKey);
    const fingerprint = fingerprintOf(command.fingerprinted ? command.fingerprinted(input) : input);
    const carried: Carried = {
      command,
      input,
      context,
      stream,
      commandId,
      fingerprint,
      attempts: 0,
      events: 0,
      repeated: false,
    };
    let failure: unknown = null;
    try {
      return await carryOut(carried);
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      options.onHandled?.({
        command: command.name,
        stream,
        commandId,
        context,
        events: carried.events,
        attempts: carried.attempts,
        repeated: carried.repeated,
        error: failure,
        milliseconds: performance.now() - started,
      });
    }
  };

  return {
    // A definition's types agree among themselves; what runs it need not know them.
    handle: handle as unknown as Handler['handle'],
    state: stateOf,
    directory,
    streamsCached: writer.streamsCached,
  };
};

const metadataOf = (
  context: CommandContext,
  commandId: string,
  causationId: string,
  occurredAt: number,
  fingerprint: string,
): Omit<Metadata, 'schemaVersion'> => ({
  tenant: context.tenant,
  actor: context.actor,
  correlationId: context.correlationId,
  causationId,
  commandId,
  occurredAt: new Date(occurredAt).toISOString(),
  fingerprint,
});
