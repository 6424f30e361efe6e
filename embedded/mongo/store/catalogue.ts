/** The databases and their collections, made when they are first written to. */
import type { Document } from 'bson';
import { MongoFault } from '../errors.js';
import { Collection } from './collection.js';

const collectionsMax = 10_000;
const nameBytesMax = 255;

export class Catalogue {
  private readonly collections = new Map<string, Map<string, Collection>>();

  constructor(private readonly covers: (filter: Document) => (document: Document) => boolean) {}

  databases(): string[] {
    return [...this.collections.keys()].sort();
  }

  of(database: string): readonly (readonly [name: string, collection: Collection])[] {
    const found = [...(this.collections.get(database) ?? [])];
    return found.sort(([a], [b]) => (a < b ? -1 : 1));
  }

  find(database: string, name: string): Collection | null {
    checkNames(database, name);
    return this.collections.get(database)?.get(name) ?? null;
  }

  /** @throws MongoFault NamespaceNotFound. */
  existing(database: string, name: string): Collection {
    const found = this.find(database, name);
    if (!found) throw new MongoFault('NamespaceNotFound', `ns does not exist: ${database}.${name}`);
    return found;
  }

  ensure(database: string, name: string): Collection {
    const found = this.find(database, name);
    if (found) return found;
    let within = this.collections.get(database);
    if (!within) this.collections.set(database, (within = new Map()));
    if (within.size >= collectionsMax) {
      throw new MongoFault(
        'IllegalOperation',
        `a database holds at most ${collectionsMax} collections here`,
      );
    }
    const made = new Collection(`${database}.${name}`, this.covers);
    within.set(name, made);
    return made;
  }

  /** False: there is none. */
  drop(database: string, name: string): boolean {
    const within = this.collections.get(database);
    const dropped = within?.delete(name) ?? false;
    if (within?.size === 0) this.collections.delete(database);
    return dropped;
  }

  dropDatabase(database: string): boolean {
    return this.collections.delete(database);
  }

  /** @throws MongoFault NamespaceExists unless the other is to be dropped. */
  rename(database: string, from: string, to: string, dropTarget: boolean): void {
    const collection = this.existing(database, from);
    if (this.find(database, to) && !dropTarget) {
      throw new MongoFault('NamespaceExists', 'target namespace exists');
    }
    const renamed = this.renamed(collection, `${database}.${to}`);
    this.collections.get(database)?.delete(from);
    this.collections.get(database)?.set(to, renamed);
  }

  /** Its messages name the collection, so that it is filled anew under the new name. */
  private renamed(old: Collection, namespace: string): Collection {
    const made = new Collection(namespace, this.covers);
    for (const { document } of old.all()) made.insert(document);
    for (const spec of old.indexes) made.createIndex(spec);
    return made;
  }
}

const checkNames = (database: string, name: string): void => {
  if (database === '' || /[/\\. "$\0]/.test(database) || database.length > 63) {
    throw new MongoFault('InvalidNamespace', `Invalid database name: '${database}'`);
  }
  const bytes = Buffer.byteLength(name) + database.length + 1;
  const isInvalid =
    name === '' || /[$\0]/.test(name) || name.startsWith('.') || bytes > nameBytesMax;
  if (isInvalid || name.startsWith('system.')) {
    throw new MongoFault('InvalidNamespace', `Invalid namespace specified '${database}.${name}'`);
  }
};
