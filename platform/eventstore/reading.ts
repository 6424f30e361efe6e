/**
 * One read that ends: its events within a deadline, and cancelled at the server when it is left early.
 */
import {
  type EventStoreDBClient,
  type RecordedEvent,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { LogUnavailable } from '../../commands/log.js';
import type { Deadlines } from './deadlines.js';
import { asLogError } from './failures.js';

export type Reading = ReturnType<EventStoreDBClient['readStream'] | EventStoreDBClient['readAll']>;

/**
 * None where the stream does not exist.
 * @param of the stream, for errors. @throws the errors of the log's port.
 */
export const collect = async (
  reading: Reading,
  of: string,
  deadlines: Deadlines,
  deadlineMs: number,
): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  let ended = false;
  // A read that was given up may still fail, when nobody listens any more.
  reading.on('error', () => undefined);
  // Not by `for await`, which takes two microseconds an event more, and makes an error with its stack of every read that fails.
  const all = new Promise<void>((resolve, reject) => {
    reading.on('data', ({ event }: { readonly event?: RecordedEvent }) => {
      if (event) events.push(event);
    });
    reading.once('end', resolve);
    reading.once('error', reject);
    reading.once('close', () => reject(new LogUnavailable(`reading ${of}: it broke off`)));
  });
  try {
    await deadlines.within(all, deadlineMs, 'reading', of);
    ended = true;
    return events;
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw asLogError(error, 'reading', of);
  } finally {
    if (!ended) {
      void reading.cancel().catch(() => undefined);
      reading.destroy();
    }
  }
};
