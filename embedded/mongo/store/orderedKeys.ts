/**
 * The entries of an index in order: chunks of a sorted list. An insertion moves at most one chunk, whatever the number of entries,
 * and a search is two bisections.
 *
 * What comes in the order of time comes, under each status or word, near the one before it, and leaves in that order too. So it is looked
 * there first: fewer comparisons, and of what was just looked at.
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

/** Between two entries, or at one. It may have been overtaken: whoever uses it compares. */
interface Spot {
  readonly chunk: Entry[];
  readonly place: number;
}

const chunkMax = 512;
/** Runs of which a spot is kept. */
const spotsMax = 256;
/** So far from it another of its run is looked for. */
const nearMax = 16;

/** Entries that are likely to lie side by side: those of one status, or one word, of a programme. */
const runOf = ({ key }: Entry): unknown => {
  const value = key.length > 2 ? key[1] : null;
  return typeof value === 'object' ? null : value;
};

/** How far `key`, cut to the prefix's length, is from it. */
type CompareKeys = (key: readonly unknown[], prefix: readonly unknown[]) => number;

export class OrderedKeys {
  private readonly chunks: Entry[][] = [];
  private readonly added = new Map<unknown, Spot>();
  private readonly removed = new Map<unknown, Spot>();
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

  private placeIn(
    chunk: readonly Entry[],
    isBefore: (entry: Entry) => boolean,
    from = 0,
    to = chunk.length,
  ): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(chunk[middle] as Entry)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  add(entry: Entry): void {
    this.size += 1;
    const { chunk, place } = this.spotNear(this.added, entry) ?? this.spotFor(entry);
    chunk.splice(place, 0, entry);
    if (chunk.length > chunkMax) this.split(chunk, entry);
    else this.keep(this.added, entry, { chunk, place: place + 1 });
  }

  remove(entry: Entry): void {
    const { chunk, place } = this.spotOf(this.removed, entry) ?? this.spotFor(entry);
    const found = chunk[place];
    if (!found || this.compareEntries(found, entry) !== 0) return;
    chunk.splice(place, 1);
    this.size -= 1;
    if (chunk.length === 0) this.chunks.splice(this.chunks.indexOf(chunk), 1);
    else this.keep(this.removed, entry, { chunk, place });
  }

  private keep(spots: Map<unknown, Spot>, entry: Entry, spot: Spot): void {
    if (spots.size >= spotsMax) spots.clear();
    spots.set(runOf(entry), spot);
  }

  /** Near the last one of its run, where it belongs there: what is of one millisecond comes in any order. */
  private spotNear(spots: ReadonlyMap<unknown, Spot>, entry: Entry): Spot | null {
    const spot = spots.get(runOf(entry));
    if (!spot) return null;
    const { chunk } = spot;
    const isBefore = (other: Entry) => this.compareEntries(other, entry) < 0;
    const low = Math.max(spot.place - nearMax, 0);
    const high = Math.min(spot.place + nearMax, chunk.length - 1);
    const [first, last] = [chunk[low], chunk[high]];
    if (!first || !last || !isBefore(first) || isBefore(last)) return null;
    return { chunk, place: this.placeIn(chunk, isBefore, low + 1, high) };
  }

  /** Where the last one of its run was, if it has come to be there. */
  private spotOf(spots: ReadonlyMap<unknown, Spot>, entry: Entry): Spot | null {
    const spot = spots.get(runOf(entry));
    const found = spot?.chunk[spot.place];
    return spot && found?.of === entry.of && this.compareEntries(found, entry) === 0 ? spot : null;
  }

  /** Where it is or would be. */
  private spotFor(entry: Entry): Spot {
    const isBefore = (other: Entry) => this.compareEntries(other, entry) < 0;
    const end = this.chunks.at(-1);
    // What grows at its end, as times and places do, is put there at once.
    if (end && isBefore(end[end.length - 1] as Entry)) return { chunk: end, place: end.length };
    const chunk = this.chunks[this.chunkFor(isBefore)];
    if (chunk) return { chunk, place: this.placeIn(chunk, isBefore) };
    const first: Entry[] = [];
    this.chunks.push(first);
    return { chunk: first, place: 0 };
  }

  private split(chunk: Entry[], holds: Entry): void {
    const at = this.chunkFor((other) => this.compareEntries(other, holds) < 0);
    // What grows at its end leaves full chunks behind.
    const keep = at === this.chunks.length - 1 ? chunkMax - 1 : chunkMax >> 1;
    this.chunks.splice(at + 1, 0, chunk.splice(keep));
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
