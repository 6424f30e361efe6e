/**
 * How far each version of a read model has applied the log: rows of kopilka.checkpoints.
 *
 * Invariant: a position moves only by compare-and-swap, inside the transaction that writes the rows it stands for. So rows and
 * position never disagree, and of two runners one finds the position moved and writes nothing.
 */
import type { Position } from '../domain/fact.js';
import type { Db } from './projection.js';

/** A replay or a rebuild has a row of its own, under the name of its schema. */
export interface CheckpointKey {
  readonly projection: string;
  readonly version: number;
}

/**
 * live: the views of `read` show it; building: filled beside the live one; retired: replaced, its tables may go;
 * rebuilding, replaying: a command fills it; replayed, cancelled: a replay that ended.
 */
export type CheckpointStatus =
  'live' | 'building' | 'retired' | 'rebuilding' | 'replaying' | 'replayed' | 'cancelled';

export interface Checkpoint extends CheckpointKey {
  /** 0 before the first event. */
  readonly position: Position;
  readonly status: CheckpointStatus;
  /** Events applied since this version began. */
  readonly events: number;
  readonly updatedAt: Date;
  readonly lastError: string | null;
}

interface Row {
  readonly projection: string;
  readonly version: number;
  readonly position: string;
  readonly status: CheckpointStatus;
  readonly events: string;
  readonly updated_at: Date;
  readonly last_error: string | null;
}

const columns = 'projection, version, position, status, events, updated_at, last_error';

const fromRow = (row: Row): Checkpoint => ({
  projection: row.projection,
  version: row.version,
  position: BigInt(row.position),
  status: row.status,
  events: Number(row.events),
  updatedAt: new Date(row.updated_at),
  lastError: row.last_error,
});

/** All of them, by name and version. */
export const readCheckpoints = async (db: Db): Promise<Checkpoint[]> => {
  const { rows } = await db.query<Row>(
    `select ${columns} from kopilka.checkpoints order by projection, version`,
  );
  return rows.map(fromRow);
};

export const readCheckpoint = async (
  db: Db,
  { projection, version }: CheckpointKey,
  lock: 'for update' | '' = '',
): Promise<Checkpoint | null> => {
  const { rows } = await db.query<Row>(
    `select ${columns} from kopilka.checkpoints where projection = $1 and version = $2 ${lock}`,
    [projection, version],
  );
  return rows[0] ? fromRow(rows[0]) : null;
};

/** @throws where it does not exist: somebody removed it. */
export const knownCheckpoint = async (db: Db, key: CheckpointKey): Promise<Checkpoint> => {
  const found = await readCheckpoint(db, key);
  if (found) return found;
  throw new Error(`The checkpoint of ${key.projection}@${key.version} is gone: start again.`);
};

export const insertCheckpoint = async (
  db: Db,
  { projection, version }: CheckpointKey,
  status: CheckpointStatus,
): Promise<void> => {
  await db.query(
    `insert into kopilka.checkpoints (projection, version, position, status)
      values ($1, $2, 0, $3)`,
    [projection, version, status],
  );
};

export const setStatus = async (
  db: Db,
  { projection, version }: CheckpointKey,
  status: CheckpointStatus,
): Promise<void> => {
  await db.query(
    `update kopilka.checkpoints set status = $3, updated_at = now()
      where projection = $1 and version = $2`,
    [projection, version, status],
  );
};

export const deleteCheckpoint = async (
  db: Db,
  { projection, version }: CheckpointKey,
): Promise<void> => {
  await db.query('delete from kopilka.checkpoints where projection = $1 and version = $2', [
    projection,
    version,
  ]);
};

/** Kept until a batch succeeds. At most 2,000 characters. */
export const recordError = async (
  db: Db,
  { projection, version }: CheckpointKey,
  message: string,
): Promise<void> => {
  await db.query(
    'update kopilka.checkpoints set last_error = $3 where projection = $1 and version = $2',
    [projection, version, message.slice(0, 2_000)],
  );
};

export interface Move {
  readonly key: CheckpointKey;
  readonly from: Position;
  /** Events of this projection between the two positions. */
  readonly events: number;
}

/** The position is not where this runner left it: another one applies the log. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved';
  constructor(readonly keys: readonly CheckpointKey[]) {
    super(
      `Another runner has moved ${keys.map((k) => `${k.projection}@${k.version}`).join(', ')}.`,
    );
  }
}

const advanceStatement = {
  name: 'kopilka.checkpoints.advance',
  text: `update kopilka.checkpoints as stored
    set position = $5, events = stored.events + m.events, updated_at = now(), last_error = null
    from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
      as m(projection, version, position, events)
    where stored.projection = m.projection and stored.version = m.version
      and stored.position = m.position
    returning stored.projection, stored.version`,
};

/**
 * Moves all to one position. Locks the rows, so a second runner waits here and then finds them moved.
 * @throws CheckpointMoved naming those that were elsewhere; the transaction must be rolled back.
 */
export const advance = async (db: Db, moves: readonly Move[], to: Position): Promise<void> => {
  const { rows } = await db.query<{ projection: string; version: number }>({
    ...advanceStatement,
    values: [
      moves.map(({ key }) => key.projection),
      moves.map(({ key }) => key.version),
      moves.map(({ from }) => String(from)),
      moves.map(({ events }) => events),
      String(to),
    ],
  });
  if (rows.length === moves.length) return;
  const moved = new Set(rows.map((row) => `${row.projection}@${row.version}`));
  const lost = moves.map(({ key }) => key);
  throw new CheckpointMoved(
    lost.filter(({ projection, version }) => !moved.has(`${projection}@${version}`)),
  );
};
