/**
 * What an archive and the log it is imported into have in common. The log may hold nothing, a beginning of the archive, or all of
 * it and more; where both have a position, they have the same event there. Events that were scavenged since stay away.
 *
 * Invariant: nothing is called new before all that the log holds was found in the archive.
 */
import type pg from 'pg';
import type { LoggedEvent } from '../archive/eventLine.js';
import type { ArchiveHeader, EventKey } from '../archive/format.js';
import { StoreRefused } from './connection.js';
import { eventKey } from './logRows.js';

const otherContent = (reason: string): StoreRefused =>
  new StoreRefused(
    `The log holds other content than the archive: ${reason}. Import into an empty store (a new --data directory).`,
  );

export class Overlap {
  present = 0;
  lastSeen = 0;
  isOpen = false;
  private seenEnd: boolean;
  private lastIsThere = true;

  constructor(
    private readonly client: pg.Client,
    /** The log's last event. */
    private readonly end: EventKey | undefined,
  ) {
    this.seenEnd = end === undefined;
  }

  async begin({ after }: ArchiveHeader): Promise<void> {
    this.isOpen = true;
    if (!after) return;
    this.lastSeen = after.position;
    const found = await eventKey(this.client, after.position);
    if (found?.id !== after.id) {
      throw new StoreRefused(
        `The archive goes on after position ${after.position}, event ${after.id}, which the log does not hold: import the archives before it first.`,
      );
    }
    if (after.position === this.end?.position) this.seenEnd = true;
  }

  /** Compares the events with those in the log, and returns the ones that come after its end. */
  async rest(events: readonly LoggedEvent[]): Promise<readonly LoggedEvent[]> {
    const [first] = events;
    const last = events.at(-1);
    if (!first || !last) return events;
    this.lastSeen = last.position;
    const end = this.end?.position ?? 0;
    if (first.position > end) return this.fresh(events);
    const { rows } = await this.client.query<{ position: string; event_id: string; same: string }>(
      `SELECT position, event_id, revision || ' of ' || stream AS same
       FROM eventstore.events WHERE position BETWEEN $1 AND $2`,
      [first.position, Math.min(last.position, end)],
    );
    const stored = new Map(rows.map((row) => [Number(row.position), row]));
    for (const event of events) {
      if (event.position > end) break;
      this.compare(event, stored.get(event.position));
    }
    return this.fresh(events.filter(({ position }) => position > end));
  }

  /** After the last event of the archive. @throws StoreRefused */
  finish(): void {
    if (!this.seenEnd && !this.lastIsThere) {
      throw otherContent(`it ends at position ${this.end!.position}, which the archive lacks`);
    }
  }

  private compare(event: LoggedEvent, row: { event_id: string; same: string } | undefined): void {
    const { position } = event;
    if (position === this.end!.position) this.seenEnd = true;
    this.lastIsThere = row !== undefined;
    if (row === undefined) return;
    this.present++;
    if (row.event_id === event.id && row.same === `${event.revision} of ${event.stream}`) return;
    throw otherContent(`position ${position} is ${row.event_id} there and ${event.id} in the file`);
  }

  private fresh(events: readonly LoggedEvent[]): readonly LoggedEvent[] {
    if (events.length > 0 && !this.seenEnd) {
      throw otherContent(`it ends at position ${this.end!.position}, which the archive lacks`);
    }
    return events;
  }
}
