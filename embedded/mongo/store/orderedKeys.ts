/**
 * The entries of an index in order: chunks of a sorted list. An insertion moves at most one chunk, whatever the number of entries,
 * and a search is two bisections.
 */
import type { StoredDocument } from './storedDocument.js';

export interface Entry {
  readonly key: readonly unknown[];
  readonly of: StoredDocument;
}

export interface Bound {
  /** May be shorter than the keys: then all that begin so are on it. */
  readonly prefix: readonly unknown[];
  readonly inclusive: boolean;
}

const chunkMax = 512;

/** How far `key`, cut to the prefix's length, is from it. */
type CompareKeys = (key: readonly unknown[], prefix: readonly unknown[]) => number;

export class OrderedKeys {
  private readonly chunks: Entry[][] = [];
  size = 0;

  constructor(private readonly compare: CompareKeys) {}

  private compareEntries(a: Entry, b: Entry): number {
    return this.compare(a.key, b.key) || a.of.number - b.of.number;
  }

  /** The first chunk whose last entry is not before what `isBefore` says. */
  private chunkFor(isBefore: (entry: Entry) => boolean): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore((this.chunks[middle] as Entry[]).at(-1) as Entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private placeIn(chunk: readonly Entry[], isBefore: (entry: Entry) => boolean): number {
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(chunk[middle] as Entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(entry: Entry): void {
    this.size += 1;
    const isBefore = (other: Entry) => this.compareEntries(other, entry) < 0;
    const end = this.chunks.at(-1);
    const isLast = end !== undefined && isBefore(end[end.length - 1] as Entry);
    const at = isLast ? this.chunks.length - 1 : Math.max(this.chunkFor(isBefore), 0);
    const chunk = this.chunks[at];
    if (!chunk) {
      this.chunks.push([entry]);
      return;
    }
    // What grows at its end, as times and places do, is put there at once.
    if (isLast) chunk.push(entry);
    else chunk.splice(this.placeIn(chunk, isBefore), 0, entry);
    if (chunk.length > chunkMax) {
      // … and leaves full chunks behind.
      const keep = at === this.chunks.length - 1 ? chunkMax - 1 : chunkMax >> 1;
      this.chunks.splice(at + 1, 0, chunk.splice(keep));
    }
  }

  remove(entry: Entry): void {
    const isBefore = (other: Entry) => this.compareEntries(other, entry) < 0;
    const at = this.chunkFor(isBefore);
    const chunk = this.chunks[at];
    if (!chunk) return;
    const place = this.placeIn(chunk, isBefore);
    const found = chunk[place];
    if (!found || this.compareEntries(found, entry) !== 0) return;
    chunk.splice(place, 1);
    this.size -= 1;
    if (chunk.length === 0) this.chunks.splice(at, 1);
  }

  /** Chunk and place of the first entry on or after the bound; null: of the first of all. */
  private start(bound: Bound | null): { at: number; place: number } {
    if (!bound) return { at: 0, place: 0 };
    const { prefix, inclusive } = bound;
    const isBefore = ({ key }: Entry) => {
      const order = this.compare(key, prefix);
      return inclusive ? order < 0 : order <= 0;
    };
    const at = this.chunkFor(isBefore);
    return { at, place: this.placeIn(this.chunks[at] ?? [], isBefore) };
  }

  /** In order; nothing may be changed meanwhile. */
  *range(from: Bound | null, to: Bound | null): Generator<Entry> {
    const { at, place } = this.start(from);
    for (let i = at; i < this.chunks.length; i += 1) {
      const chunk = this.chunks[i] as Entry[];
      for (let j = i === at ? place : 0; j < chunk.length; j += 1) {
        const entry = chunk[j] as Entry;
        if (to && this.isPast(entry, to)) return;
        yield entry;
      }
    }
  }

  /** The same from the end. */
  *rangeBackwards(from: Bound | null, to: Bound | null): Generator<Entry> {
    const end = to ? this.start({ prefix: to.prefix, inclusive: !to.inclusive }) : null;
    const at = end ? end.at : this.chunks.length;
    for (let i = Math.min(at, this.chunks.length - 1); i >= 0; i -= 1) {
      const chunk = this.chunks[i] as Entry[];
      const last = end && i === at ? end.place : chunk.length;
      for (let j = last - 1; j >= 0; j -= 1) {
        const entry = chunk[j] as Entry;
        if (from && this.isShortOf(entry, from)) return;
        yield entry;
      }
    }
  }

  /** How many there are between. */
  count(from: Bound | null, to: Bound | null): number {
    const first = this.start(from);
    const last = to
      ? this.start({ prefix: to.prefix, inclusive: !to.inclusive })
      : { at: this.chunks.length, place: 0 };
    let number = last.place - first.place;
    for (let i = first.at; i < last.at; i += 1) number += this.chunks[i]?.length ?? 0;
    return Math.max(number, 0);
  }

  private isPast({ key }: Entry, { prefix, inclusive }: Bound): boolean {
    const order = this.compare(key, prefix);
    return inclusive ? order > 0 : order >= 0;
  }

  private isShortOf({ key }: Entry, { prefix, inclusive }: Bound): boolean {
    const order = this.compare(key, prefix);
    return inclusive ? order < 0 : order <= 0;
  }
}
