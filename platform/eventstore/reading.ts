/**
 * One read that ends: its events within a deadline, and cancelled at the server when it is left early.
 */
import {
  type EventStoreDBClient,
  type RecordedEvent,
  StreamNotFoundError,
} from '@eventstore/db-client';
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
  const all = async (): Promise<void> => {
    for await (const { event } of reading) if (event) events.push(event as RecordedEvent);
    ended = true;
  };
  try {
    await deadlines.within(all(), deadlineMs, 'reading', of);
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
