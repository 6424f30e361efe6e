/**
 * A collection in memory: its documents by `_id`, in the order in which they came, and its indexes.
 *
 * Invariant: a document is in every index under the keys of what it holds now, and no unique index holds a key twice; a change that
 * would break that is refused before anything is changed.
 */
import { BSON, type Document, ObjectId } from 'bson';
import { MongoFault } from '../errors.js';
import { compact } from './compact.js';
import { idIndex, type IndexSpec, isThere } from './indexSpec.js';
import { compareValues } from './order.js';
import { OrderedIndex } from './orderedIndex.js';
import type { StoredDocument } from './storedDocument.js';
import { TextIndex } from './textIndex.js';

export const documentBytesMax = 16 * 1024 * 1024;
const indexesMax = 64;

type Covers = (filter: Document) => (document: Document) => boolean;

const everyDocument = (): boolean => true;

/** A driver sends it first: then nothing has to be put in another order. */
const idFirst = (given: Document, id: unknown): Document => {
  const [first] = Object.keys(given);
  if (first === '_id' && given['_id'] === id) return given;
  const { _id, ...rest } = given;
  return { _id: id, ...rest };
};

export class Collection {
  readonly ordered: OrderedIndex[] = [];
  text: TextIndex | null = null;
  private readonly documents = new Set<StoredDocument>();
  private count = 0;

  constructor(
    readonly namespace: string,
    /** How a partial index knows its documents. */
    private readonly covers: Covers,
  ) {
    this.ordered.push(new OrderedIndex(idIndex, everyDocument));
  }

  get size(): number {
    return this.documents.size;
  }

  all(): Iterable<StoredDocument> {
    return this.documents;
  }

  get indexes(): readonly IndexSpec[] {
    const specs = this.ordered.map(({ spec }) => spec);
    return this.text ? [...specs, this.text.spec] : specs;
  }

  private check(
    document: Document,
    self: StoredDocument | null,
    indexes: readonly OrderedIndex[],
  ): void {
    const bytes = BSON.calculateObjectSize(document, { ignoreUndefined: true });
    if (bytes > documentBytesMax) {
      const message = `object to insert too large. size in bytes: ${bytes}, max size: ${documentBytesMax}`;
      throw new MongoFault('BSONObjectTooLarge', message);
    }
    for (const index of indexes) index.check(document, self, this.namespace);
  }

  private enter(stored: StoredDocument): void {
    for (const index of this.ordered) index.add(stored);
    this.text?.add(stored);
  }

  private leave(stored: StoredDocument): void {
    for (const index of this.ordered) index.remove(stored);
    this.text?.remove(stored);
  }

  /** With an `_id` where it has none. @throws MongoFault DuplicateKey, BSONObjectTooLarge, BadValue. */
  insert(given: Document): StoredDocument {
    const { _id = new ObjectId() } = given;
    if (Array.isArray(_id) || _id instanceof RegExp) {
      throw new MongoFault(
        'BadValue',
        `can't use a${Array.isArray(_id) ? 'n array' : ' regex'} for _id`,
      );
    }
    const document = compact(idFirst(given, _id));
    this.check(document, null, this.ordered);
    this.count += 1;
    const stored: StoredDocument = { number: this.count, document };
    this.documents.add(stored);
    this.enter(stored);
    return stored;
  }

  /** False: it is what it was. @throws MongoFault DuplicateKey, ImmutableField, BSONObjectTooLarge. */
  replace(stored: StoredDocument, document: Document): boolean {
    if (compareValues(stored.document['_id'], document['_id']) !== 0) {
      const message =
        "Performing an update on the path '_id' would modify the immutable field '_id'";
      throw new MongoFault('ImmutableField', message);
    }
    if (compareValues(stored.document, document) === 0) return false;
    const before = stored.document;
    const moving = this.ordered.filter((index) => index.mayMove(before, document));
    this.check(document, stored, moving);
    this.text?.remove(stored);
    stored.document = document;
    for (const index of moving) index.move(stored, before);
    this.text?.add(stored);
    return true;
  }

  remove(stored: StoredDocument): void {
    if (!this.documents.delete(stored)) return;
    this.leave(stored);
  }

  /** False: it was there. @throws MongoFault what isThere throws, DuplicateKey, CannotCreateIndex. */
  createIndex(spec: IndexSpec): boolean {
    if (isThere(spec, this.indexes)) return false;
    if (this.indexes.length >= indexesMax) {
      throw new MongoFault(
        'CannotCreateIndex',
        `add index fails, too many indexes for ${this.namespace}`,
      );
    }
    const covers = spec.partialFilter ? this.covers(spec.partialFilter) : everyDocument;
    if (spec.kind === 'text') this.createText(new TextIndex(spec, covers));
    else this.createOrdered(new OrderedIndex(spec, covers));
    return true;
  }

  private createText(index: TextIndex): void {
    if (this.text) {
      throw new MongoFault('CannotCreateIndex', 'only one text index per collection allowed');
    }
    for (const stored of this.documents) index.add(stored);
    this.text = index;
  }

  private createOrdered(index: OrderedIndex): void {
    for (const stored of this.documents) {
      index.check(stored.document, stored, this.namespace);
      index.add(stored);
    }
    this.ordered.push(index);
  }

  /** @throws MongoFault IndexNotFound, InvalidOptions for the index of `_id`. */
  dropIndex(name: string): void {
    if (name === idIndex.name) throw new MongoFault('InvalidOptions', 'cannot drop _id index');
    if (this.text?.spec.name === name) {
      this.text = null;
      return;
    }
    const at = this.ordered.findIndex(({ spec }) => spec.name === name);
    if (at < 0) throw new MongoFault('IndexNotFound', `index not found with name [${name}]`);
    this.ordered.splice(at, 1);
  }
}
