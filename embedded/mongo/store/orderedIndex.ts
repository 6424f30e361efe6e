/** One index: ordered by the values of its fields, or, a wildcard's, by path and value of everything under its root. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import type { IndexSpec } from './indexSpec.js';
import { arrayPathsOf, hasArray, orderedKeysOf, wildcardKeysOf } from './indexKeys.js';
import { compareValues } from './order.js';
import { OrderedKeys } from './orderedKeys.js';
import { valuesAt } from './paths.js';
import type { StoredDocument } from './storedDocument.js';

/** False also where only a comparison of what is deep in them would tell. */
const isSameField = (a: unknown, b: unknown): boolean => {
  if (a === b) return true;
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((element, index) => isSameField(element, b[index]));
};

export class OrderedIndex {
  readonly keys: OrderedKeys;
  /** Some document has several keys. */
  multikey = false;
  /** Where some document has an array: no order of documents, and ends of a range that different elements may meet. */
  private readonly arrays = new Set<string>();
  private readonly paths: readonly string[];
  private readonly directions: readonly number[];

  constructor(
    readonly spec: IndexSpec,
    /** Whether a document belongs to a partial index. */
    private readonly covers: (document: Document) => boolean,
  ) {
    this.paths = spec.fields.map(({ path }) => path);
    this.directions = spec.fields.map(({ direction }) => direction);
    this.keys = new OrderedKeys((key, prefix) => this.compare(key, prefix));
  }

  private compare(key: readonly unknown[], prefix: readonly unknown[]): number {
    for (let i = 0; i < prefix.length; i += 1) {
      if (key[i] === prefix[i]) continue;
      const order = compareValues(key[i], prefix[i]);
      if (order !== 0) return order * (this.directions[i] ?? 1);
    }
    return 0;
  }

  private keysOf(document: Document): unknown[][] {
    const { kind, sparse } = this.spec;
    if (!this.covers(document)) return [];
    if (kind === 'wildcard') return this.distinct(wildcardKeysOf(document, this.paths[0] ?? ''));
    if (sparse && this.paths.every((path) => valuesAt(document, path).length === 0)) return [];
    const keys = orderedKeysOf(document, this.paths);
    return keys.length === 1 ? keys : this.distinct(keys);
  }

  private distinct(keys: unknown[][]): unknown[][] {
    keys.sort((a, b) => this.compare(a, b));
    return keys.filter((key, i) => i === 0 || this.compare(keys[i - 1] as unknown[], key) !== 0);
  }

  /** Of another document than `self`. @throws MongoFault DuplicateKey. */
  check(document: Document, self: StoredDocument | null, namespace: string): void {
    if (!this.spec.unique) return;
    for (const key of this.keysOf(document)) {
      const bound = { prefix: key, inclusive: true };
      for (const { of } of this.keys.range(bound, bound)) {
        if (of !== self) throw this.duplicate(key, namespace);
      }
    }
  }

  private duplicate(key: readonly unknown[], namespace: string): MongoFault {
    const keyValue = Object.fromEntries(this.paths.map((path, i) => [path, key[i]]));
    const shown = Object.entries(keyValue)
      .map(([path, value]) => `${path}: ${JSON.stringify(value)}`)
      .join(', ');
    const message = `E11000 duplicate key error collection: ${namespace} index: ${this.spec.name} dup key: { ${shown} }`;
    return new MongoFault('DuplicateKey', message, { keyPattern: this.spec.key, keyValue });
  }

  add(stored: StoredDocument): void {
    const keys = this.keysOf(stored.document);
    if (keys.length > 1) this.multikey = true;
    this.noteArrays(stored.document);
    for (const key of keys) this.keys.add({ key, of: stored });
  }

  private noteArrays(document: Document): void {
    if (this.spec.kind === 'wildcard') {
      arrayPathsOf(document, this.paths[0] ?? '', this.arrays);
      return;
    }
    for (const path of this.paths) {
      if (!this.arrays.has(path) && hasArray(document, path)) this.arrays.add(path);
    }
  }

  /** Whether some document has, or had, an array on the way to it. */
  hasArrays(path: string): boolean {
    if (this.arrays.size === 0) return false;
    for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
      if (this.arrays.has(path.slice(0, end))) return true;
    }
    return false;
  }

  remove(stored: StoredDocument): void {
    for (const key of this.keysOf(stored.document)) this.keys.remove({ key, of: stored });
  }

  /** Whether a document that becomes another may have other keys. */
  mayMove(before: Document, after: Document): boolean {
    const { kind, partialFilter } = this.spec;
    if (kind === 'wildcard' || partialFilter) return true;
    return this.paths.some((path) => {
      const [field = ''] = path.split('.', 1);
      return !isSameField(before[field], after[field]);
    });
  }

  /** It was `before`: only keys that it did not have then are entered, and only those it has no more taken out. */
  move(stored: StoredDocument, before: Document): void {
    const old = this.keysOf(before);
    const next = this.keysOf(stored.document);
    let kept = 0;
    let added = 0;
    while (kept < old.length || added < next.length) {
      const order = this.orderOf(old[kept], next[added]);
      if (order < 0) this.keys.remove({ key: old[kept] as unknown[], of: stored });
      if (order > 0) this.keys.add({ key: next[added] as unknown[], of: stored });
      if (order <= 0) kept += 1;
      if (order >= 0) added += 1;
    }
    if (next.length > 1) this.multikey = true;
    this.noteArrays(stored.document);
  }

  /** Nothing comes after everything. */
  private orderOf(
    one: readonly unknown[] | undefined,
    other: readonly unknown[] | undefined,
  ): number {
    return one && other ? this.compare(one, other) : one ? -1 : 1;
  }
}
