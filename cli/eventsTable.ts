/** Events as lines of a table, and as NDJSON: what `streams` and `events` have in common. */
import type { EventShown } from '../api/audit/eventShown.js';
import { moment } from './output/numbers.js';
import { table } from './output/table.js';

/** The scalars of the data, `name=value`; lists by their length. */
export const summaryOf = (data: Readonly<Record<string, unknown>>, most = 72): string => {
  const parts = Object.entries(data).map(([name, value]) => {
    if (Array.isArray(value)) return `${name}[${value.length}]`;
    if (typeof value === 'object' && value !== null) return `${name}{…}`;
    return `${name}=${String(value)}`;
  });
  const text = parts.join(' ');
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
};

export const writeNdjson = (events: readonly EventShown[]): void => {
  for (const event of events) process.stdout.write(`${JSON.stringify(event)}\n`);
};

export const streamTable = (events: readonly EventShown[]): string =>
  table(
    [
      { title: 'revision', align: 'right' },
      { title: 'happened (UTC)' },
      { title: 'recorded (UTC)' },
      { title: 'type' },
      { title: 'actor' },
      { title: 'data' },
    ],
    events.map(({ revision, occurredAt, recordedAt, type, actor, data }) => [
      revision,
      moment(occurredAt),
      moment(recordedAt),
      type,
      `${actor.kind}:${actor.id}`,
      summaryOf(data),
    ]),
  );

export const eventsTable = (events: readonly EventShown[]): string =>
  table(
    [
      { title: 'position', align: 'right' },
      { title: 'recorded (UTC)' },
      { title: 'type' },
      { title: 'stream' },
      { title: 'actor' },
      { title: 'data' },
    ],
    events.map(({ position, recordedAt, type, stream, actor, data }) => [
      position,
      moment(recordedAt),
      type,
      stream,
      `${actor.kind}:${actor.id}`,
      summaryOf(data, 60),
    ]),
  );
