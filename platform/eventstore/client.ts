/**
 * The log through EventStoreDB's official client: one client per process (or thread), a deadline on every call.
 *
 * The client's appends share one table of pending calls, so an error on its batch stream says nothing about whether a given append
 * was committed. Unknown, Unavailable, Cancelled and our own deadline are therefore "outcome unknown": the append is repeated with
 * the same event ids and expected revision, which the log answers as the same append, until the deadline is spent.
 */
import {
  EventStoreDBClient,
  FORWARDS,
  NO_STREAM,
  ANY,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import {
  type Appended,
  type ExpectedRevision,
  type Log,
  LogUnavailable,
  VersionConflict,
} from '../../commands/log.js';
import type { Fact, NewFact } from '../../domain/fact.js';
import type { Codec } from './codec.js';

export const connect = (connectionString: string): EventStoreDBClient =>
  EventStoreDBClient.connectionString(connectionString);

const disconnectDeadlineMs = 1_000;

/** The client's own `dispose` waits for streams that were cancelled before, some of which never say that they ended. */
export const disconnect = (client: EventStoreDBClient): Promise<void> => {
  let timer: NodeJS.Timeout;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, disconnectDeadlineMs);
  });
  return Promise.race([client.dispose(), enough]).finally(() => clearTimeout(timer));
};

export interface LogLimits {
  /** One try. */
  readonly attemptDeadlineMs: number;
  /** All tries of one append together. */
  readonly appendDeadlineMs: number;
  readonly readDeadlineMs: number;
}

export const defaultLimits: LogLimits = {
  attemptDeadlineMs: 5_000,
  appendDeadlineMs: 15_000,
  readDeadlineMs: 10_000,
};

export const createLog = (
  client: EventStoreDBClient,
  codec: Codec,
  limits: LogLimits = defaultLimits,
): Log => {
  const append = async (
    stream: string,
    expected: ExpectedRevision,
    facts: readonly NewFact[],
  ): Promise<Appended> => {
    const expectedRevision = asExpectedRevision(expected);
    const giveUpAt = performance.now() + limits.appendDeadlineMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await before(
          client.appendToStream(stream, facts.map(codec.encode), { expectedRevision }),
          Math.min(limits.attemptDeadlineMs, giveUpAt - performance.now()),
          `append to ${stream}`,
        );
        if (!result.position)
          throw new LogUnavailable('the log answered an append without a position');
        return { position: result.position.commit, revision: Number(result.nextExpectedRevision) };
      } catch (error) {
        if (error instanceof WrongExpectedVersionError) throw new VersionConflict(stream);
        if (!isOutcomeUnknown(error)) throw error;
        const wait = backOffMs(attempt);
        if (performance.now() + wait >= giveUpAt) {
          throw new LogUnavailable(`append to ${stream}: ${nameOf(error)}`, { cause: error });
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  };

  const read = async (stream: string, from: number, limit: number): Promise<Fact[]> => {
    const reading = client.readStream(stream, {
      direction: FORWARDS,
      fromRevision: BigInt(from),
      maxCount: limit,
    });
    const timer = setTimeout(
      () => reading.destroy(new LogUnavailable(`reading ${stream} took too long`)),
      limits.readDeadlineMs,
    );
    const facts: Fact[] = [];
    try {
      for await (const { event } of reading) {
        if (event) facts.push(codec.decode(event, event.position?.commit ?? 0n));
      }
      return facts;
    } catch (error) {
      if (error instanceof StreamNotFoundError) return [];
      if (isOutcomeUnknown(error)) {
        throw new LogUnavailable(`reading ${stream}: ${nameOf(error)}`, { cause: error });
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  return { append, read };
};

const asExpectedRevision = (expected: ExpectedRevision): AppendExpectedRevision =>
  expected === 'noStream' ? NO_STREAM : expected === 'any' ? ANY : BigInt(expected);

/** Errors after which an append may or may not be in the log. */
const unknownOutcomes = new Set([
  'unknown',
  'unavailable',
  'cancelled',
  'timeout',
  'deadline-exceeded',
  'not-leader',
]);

export const isOutcomeUnknown = (error: unknown): boolean => {
  if (error instanceof LogUnavailable) return true;
  const type: unknown = (error as { type?: unknown } | null)?.type;
  return typeof type === 'string' && unknownOutcomes.has(type);
};

const nameOf = (error: unknown): string => {
  const { type, name, message } = error as { type?: string; name?: string; message?: string };
  return [type ?? name, message].filter(Boolean).join(': ');
};

/** 20, 40, 80 … 1,280 ms, half of it jitter. */
const backOffMs = (attempt: number): number =>
  20 * 2 ** Math.min(attempt - 1, 6) * (0.5 + Math.random() / 2);

const before = <Result>(work: Promise<Result>, milliseconds: number, what: string) => {
  let timer: NodeJS.Timeout;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new LogUnavailable(`${what}: no answer within ${Math.round(milliseconds)} ms`)),
      milliseconds,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
};
