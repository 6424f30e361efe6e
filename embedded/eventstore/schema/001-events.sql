-- The log. One row is one event; position orders all events without gaps from 1, revision those of a stream from 0.
-- A tombstoned stream ends in an event of revision 2^53 - 1; a stream's metadata are the events of '$$' || stream.
CREATE TABLE eventstore.events (
  position   bigint  NOT NULL,
  revision   bigint  NOT NULL,
  event_id   uuid    NOT NULL,
  created_ms bigint  NOT NULL, -- milliseconds since the Unix epoch
  is_json    boolean NOT NULL,
  stream     text    COLLATE "C" NOT NULL,
  type       text    COLLATE "C" NOT NULL,
  data       bytea   NOT NULL,
  metadata   bytea   NOT NULL, -- empty for none
  CONSTRAINT events_pk PRIMARY KEY (position),
  CONSTRAINT events_stream_revision_key UNIQUE (stream, revision)
) WITH (
  -- Events up to a page stay in their row: reading the log in order then never visits the side table.
  toast_tuple_target = 8160,
  -- The table only grows; vacuuming inserts early keeps its visibility map, and so index reads, fresh.
  autovacuum_vacuum_insert_scale_factor = 0.2
);

-- Finds a repeated append by the id of its event, however long ago it was stored.
CREATE INDEX events_event_id_idx ON eventstore.events (event_id);
