/** Removes documents that an index with expireAfterSeconds says are over, once a minute as the server does. */
import type { Catalogue } from './store/catalogue.js';
import type { Collection } from './store/collection.js';
import type { OrderedIndex } from './store/orderedIndex.js';
import { rankOf } from './store/order.js';

const dates = rankOf(new Date(0));

const expireBy = (collection: Collection, { spec, keys }: OrderedIndex, now: number): number => {
  const until = new Date(now - (spec.expireAfterSeconds ?? 0) * 1000);
  const [field] = spec.fields;
  if (!field) return 0;
  const oldest = { prefix: [new Date(-8.64e15)], inclusive: true };
  const newest = { prefix: [until], inclusive: true };
  const entries = field.direction > 0 ? keys.range(oldest, newest) : keys.range(newest, oldest);
  const due = [...entries].filter(({ key }) => rankOf(key[0]) === dates).map(({ of }) => of);
  for (const stored of due) collection.remove(stored);
  return due.length;
};

/** How many were removed. @param now milliseconds since the epoch. */
export const expire = (catalogue: Catalogue, now: number): number => {
  let removed = 0;
  for (const database of catalogue.databases()) {
    for (const [, collection] of catalogue.of(database)) {
      for (const index of collection.ordered) {
        if (index.spec.expireAfterSeconds === null) continue;
        removed += expireBy(collection, index, now);
      }
    }
  }
  return removed;
};
