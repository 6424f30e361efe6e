/**
 * Cursors: what was found and not yet fetched. A cursor holds the documents as they were found; it ends when the last is fetched,
 * when it is killed, or when nobody asked for ten minutes.
 */
import { BSON, type Document, Long } from 'bson';
import { randomBytes } from 'node:crypto';
import { MongoFault } from '../errors.js';

const idleMs = 10 * 60_000;
const openMax = 10_000;
const firstBatch = 101;
/** Room is left for the rest of the answer. */
const batchBytesMax = 16 * 1024 * 1024;

interface Cursor {
  readonly namespace: string;
  readonly documents: readonly Document[];
  next: number;
  usedAt: number;
}

export interface Batch {
  /** 0: there is no more. */
  readonly id: Long;
  readonly documents: readonly Document[];
}

const none = Long.fromNumber(0);

export class Cursors {
  private readonly open = new Map<string, Cursor>();

  constructor(private readonly now: () => number) {}

  get size(): number {
    return this.open.size;
  }

  private take(cursor: Cursor, most: number): Document[] {
    const taken: Document[] = [];
    let bytes = 0;
    while (taken.length < most) {
      const document = cursor.documents[cursor.next];
      if (!document) break;
      bytes += BSON.calculateObjectSize(document, { ignoreUndefined: true });
      if (bytes > batchBytesMax && taken.length > 0) break;
      taken.push(document);
      cursor.next += 1;
    }
    cursor.usedAt = this.now();
    return taken;
  }

  /** @param batchSize null: as the server does. @param single whatever is not in the first batch is dropped. */
  start(
    namespace: string,
    documents: readonly Document[],
    batchSize: number | null,
    single = false,
  ): Batch {
    const cursor: Cursor = { namespace, documents, next: 0, usedAt: this.now() };
    const first = this.take(cursor, batchSize ?? firstBatch);
    if (single || cursor.next >= documents.length) return { id: none, documents: first };
    if (this.open.size >= openMax) {
      throw new MongoFault('IllegalOperation', `${openMax} cursors are open: close some`);
    }
    const id = Long.fromBits(
      randomBytes(4).readInt32LE(),
      randomBytes(4).readInt32LE() & 0x7fffffff,
    );
    this.open.set(id.toString(), cursor);
    return { id, documents: first };
  }

  /** @throws MongoFault CursorNotFound. */
  more(id: string, namespace: string, batchSize: number | null): Batch {
    const cursor = this.open.get(id);
    if (!cursor || cursor.namespace !== namespace) {
      throw new MongoFault('CursorNotFound', `cursor id ${id} not found`);
    }
    const documents = this.take(cursor, batchSize ?? Infinity);
    if (cursor.next < cursor.documents.length) return { id: Long.fromString(id), documents };
    this.open.delete(id);
    return { id: none, documents };
  }

  kill(id: string): boolean {
    return this.open.delete(id);
  }

  /** Ends those that nobody has asked for. */
  expire(): void {
    for (const [id, { usedAt }] of this.open) {
      if (this.now() - usedAt >= idleMs) this.open.delete(id);
    }
  }
}
