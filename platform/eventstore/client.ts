/**
 * The log through EventStoreDB's official client: one client per process (or thread), a deadline on every call.
 *
 * The client's appends share one table of pending calls, so an error on its batch stream says nothing about whether a given append
 * was committed. Unknown, Unavailable, Cancelled and our own deadline are therefore "outcome unknown": the append is repeated with
 * the same event ids and expected revision, which the log answers as the same append, until the deadline is spent.
 */
import {
  ANY,
  type AppendExpectedRevision,
  EventStoreDBClient,
  FORWARDS,
  NO_STREAM,
} from '@eventstore/db-client';
import {
  type Appended,
  type ExpectedRevision,
  type Log,
  LogUnavailable,
} from '../../commands/log.js';
import type { NewFact } from '../../domain/fact.js';
import { decodeAppendAnswersQuickly } from './appendAnswers.js';
import { encodeAppendsQuickly } from './appendRequests.js';
import { appendBackOff, backOffMs, pause } from './backOff.js';
import type { Codec } from './codec.js';
import { createDeadlines } from './deadlines.js';
import { asLogError, isOutcomeUnknown, wordsOf } from './failures.js';
import { guard } from './guard.js';
import { decodeReadAnswersQuickly } from './readAnswers.js';
import { collect } from './reading.js';
import { createLogWatch, type LogWatch } from './watch.js';

/** One for a process or thread: the appends of all clients in it share their fate. */
export const connect = (connectionString: string, watch?: LogWatch): EventStoreDBClient => {
  encodeAppendsQuickly();
  decodeAppendAnswersQuickly();
  decodeReadAnswersQuickly();
  return guard(EventStoreDBClient.connectionString(connectionString), () => {
    if (watch) watch.stray += 1;
  });
};

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
  /** The same while the log is known to be away: an append was given up and none was answered since. */
  readonly awayDeadlineMs: number;
  readonly readDeadlineMs: number;
}

export const defaultLimits: LogLimits = {
  attemptDeadlineMs: 5_000,
  appendDeadlineMs: 15_000,
  awayDeadlineMs: 2_000,
  readDeadlineMs: 10_000,
};

/** What is used of the client, so that tests may stand in for it. */
export type LogClient = Pick<EventStoreDBClient, 'appendToStream' | 'readStream'>;

export const createLog = (
  client: LogClient,
  codec: Codec,
  limits: LogLimits = defaultLimits,
  watch: LogWatch = createLogWatch(),
): Log => {
  const deadlines = createDeadlines();

  const send = async (
    stream: string,
    expectedRevision: AppendExpectedRevision,
    facts: readonly NewFact[],
    deadlineMs: number,
  ): Promise<Appended> => {
    const { position, nextExpectedRevision } = await deadlines.within(
      client.appendToStream(stream, facts.map(codec.encode), { expectedRevision }),
      deadlineMs,
      'append to',
      stream,
    );
    if (!position) throw new LogUnavailable('the log answered an append without a position');
    return { position: position.commit, revision: Number(nextExpectedRevision) };
  };

  /** After a try whose outcome is unknown: the same again, until it is known or the time is up. */
  const repeat = async (
    failure: unknown,
    giveUpAt: number,
    ...attempt: [string, AppendExpectedRevision, readonly NewFact[]]
  ): Promise<Appended> => {
    let error = failure;
    for (let tries = 1; isOutcomeUnknown(error); tries += 1) {
      const gaveUp = watch.trouble?.gaveUp ?? false;
      watch.trouble = { atMs: performance.now(), words: wordsOf(error), gaveUp };
      const waitMs = backOffMs(appendBackOff, tries);
      if (performance.now() + waitMs >= giveUpAt) {
        watch.givenUp += 1;
        watch.trouble = { ...watch.trouble, gaveUp: true };
        break;
      }
      await pause(waitMs);
      watch.repeated += 1;
      const leftMs = Math.min(limits.attemptDeadlineMs, giveUpAt - performance.now());
      try {
        return await send(...attempt, leftMs);
      } catch (again) {
        error = again;
      }
    }
    throw error;
  };

  const settle = async (
    failure: unknown,
    giveUpAt: number,
    ...attempt: [string, AppendExpectedRevision, readonly NewFact[]]
  ): Promise<Appended> => {
    try {
      return await repeat(failure, giveUpAt, ...attempt);
    } catch (error) {
      const told = asLogError(error, 'append to', attempt[0]);
      if (told !== error && !(told instanceof LogUnavailable)) answered(watch);
      throw told;
    }
  };

  const append: Log['append'] = async (stream, expected, facts) => {
    const expectedRevision = asExpectedRevision(expected);
    const { attemptDeadlineMs, appendDeadlineMs, awayDeadlineMs } = limits;
    const deadlineMs = watch.trouble?.gaveUp ? awayDeadlineMs : appendDeadlineMs;
    const giveUpAt = performance.now() + deadlineMs;
    try {
      const firstMs = Math.min(attemptDeadlineMs, deadlineMs);
      const appended = await send(stream, expectedRevision, facts, firstMs);
      answered(watch);
      return appended;
    } catch (error) {
      const appended = await settle(error, giveUpAt, stream, expectedRevision, facts);
      answered(watch);
      return appended;
    }
  };

  const read: Log['read'] = async (stream, from, limit) => {
    const reading = client.readStream(stream, {
      direction: FORWARDS,
      fromRevision: BigInt(from),
      maxCount: limit,
    });
    const events = await collect(reading, stream, deadlines, limits.readDeadlineMs);
    return events.map((event) => codec.decode(event, event.position?.commit ?? 0n));
  };

  return { append, read };
};

const answered = (watch: LogWatch): void => {
  watch.answered += 1;
  watch.trouble = null;
};

const asExpectedRevision = (expected: ExpectedRevision): AppendExpectedRevision =>
  expected === 'noStream' ? NO_STREAM : expected === 'any' ? ANY : BigInt(expected);
