/** What a part of the directory keeps of each tenant: a shelf, put up with the first fact that belongs on it. */
import type { TenantId } from '../domain/ids.js';

export interface Shelves<Shelf> {
  /** To read; one that is empty where there is none. */
  at(tenant: TenantId): Shelf;
  /** To put something on it. */
  of(tenant: TenantId): Shelf;
  all(): Iterable<Shelf>;
}

export const createShelves = <Shelf>(newShelf: () => Shelf): Shelves<Shelf> => {
  const shelves = new Map<TenantId, Shelf>();
  const empty = newShelf();
  return {
    at: (tenant) => shelves.get(tenant) ?? empty,
    of: (tenant) => {
      let shelf = shelves.get(tenant);
      if (!shelf) shelves.set(tenant, (shelf = newShelf()));
      return shelf;
    },
    all: () => shelves.values(),
  };
};
