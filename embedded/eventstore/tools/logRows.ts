/** The log read straight from its table, by pages in order of position: what an export of the embedded store is made of. */
import type pg from 'pg';
import type { EventKey } from '../archive/format.js';
import type { LoggedEvent } from '../archive/eventLine.js';
import { copyRows } from '../log/copyRows.js';
import { EVENT_COLUMNS, readEventRow } from './eventRows.js';

const PAGE_ROWS = 2000;

/** The event at this position, the last one for undefined; undefined when there is none. */
export const eventKey = async (
  client: pg.Client,
  position?: number,
): Promise<EventKey | undefined> => {
  const where = position === undefined ? '' : `WHERE position = ${position}`;
  const { rows } = await client.query<{ position: string; event_id: string }>(
    `SELECT position, event_id FROM eventstore.events ${where} ORDER BY position DESC LIMIT 1`,
  );
  const [row] = rows;
  return row && { position: Number(row.position), id: row.event_id };
};

export interface Counts {
  readonly events: number;
  readonly streams: number;
}

/** What lies after one position and up to another. */
export const countBetween = async (
  client: pg.Client,
  after: number,
  last: number,
): Promise<Counts> => {
  const { rows } = await client.query<{ events: string; streams: string }>(
    `SELECT count(*) AS events, count(DISTINCT stream) AS streams
     FROM eventstore.events WHERE position > $1 AND position <= $2`,
    [after, last],
  );
  return { events: Number(rows[0]!.events), streams: Number(rows[0]!.streams) };
};

/**
 * Hands over the events after one position and up to another; `afterPage` may wait, and ends the walk by false. An
 * event's bytes are valid only during its call.
 */
export const walkLog = async (
  client: pg.Client,
  { after, last }: { readonly after: number; readonly last: number },
  onEvent: (event: LoggedEvent) => void,
  afterPage: () => Promise<boolean>,
): Promise<void> => {
  let at = after;
  for (;;) {
    let rows = 0;
    const page = `SELECT ${EVENT_COLUMNS} FROM eventstore.events
      WHERE position > ${at} AND position <= ${last} ORDER BY position LIMIT ${PAGE_ROWS}`;
    await copyRows(client, page, (row, start) => {
      const event = readEventRow(row, start);
      at = event.position;
      rows++;
      onEvent(event);
    });
    const goOn = await afterPage();
    if (rows < PAGE_ROWS || !goOn) return;
  }
};
