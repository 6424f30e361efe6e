/**
 * Rows as raw bytes, by COPY ... TO STDOUT in binary format. pg decodes every column of an ordinary row to a string
 * first, which costs more than everything else about reading an event and cannot carry bytea but as hexadecimal.
 */
import type { ClientBase, Submittable } from 'pg';

const HEADER_BYTES = 19; // signature, flags, length of the extension (always none)

/** Called with the bytes of a row's fields: from `at`, each is a length (int32, -1 for null) and that many bytes. */
export type RowHandler = (row: Buffer, at: number) => void;

/** The part of pg's connection and of its protocol for queries that a COPY uses; pg has no types for it. */
interface Connection {
  query(sql: string): void;
  sendCopyFail(message: string): void;
}

class CopyOut implements Submittable {
  /** pg sets it anew when it watches over a timeout. */
  callback: ((error: Error | null) => void) | undefined;
  private failure: Error | null = null;
  private headerSeen = false;

  constructor(
    private readonly sql: string,
    private readonly onRow: RowHandler,
    done: (error: Error | null) => void,
  ) {
    this.callback = done;
  }

  submit = (connection: unknown): null => {
    (connection as Connection).query(this.sql);
    return null;
  };

  handleCopyData(message: { chunk: Buffer }): void {
    const { chunk } = message;
    let at = 0;
    if (!this.headerSeen) {
      this.headerSeen = true;
      at = HEADER_BYTES;
    }
    if (this.failure || at >= chunk.length || chunk.readInt16BE(at) < 0) return; // -1: the end of the copy
    try {
      this.onRow(chunk, at + 2);
    } catch (error) {
      this.failure = error as Error;
    }
  }

  handleError(error: Error): void {
    this.finish(error);
  }

  handleReadyForQuery(): void {
    this.finish(this.failure);
  }

  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  handleCopyInResponse(connection: Connection): void {
    connection.sendCopyFail('this query only reads');
  }

  private finish(error: Error | null): void {
    const { callback } = this;
    this.callback = undefined;
    callback?.(error);
  }
}

/** Runs a query and hands over each row as it comes; the bytes are valid only during the call. */
export const copyRows = (client: ClientBase, query: string, onRow: RowHandler): Promise<void> =>
  new Promise((resolve, reject) => {
    client.query(
      new CopyOut(`COPY (${query}) TO STDOUT (FORMAT binary)`, onRow, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  });
