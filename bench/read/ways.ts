/** What is measured of reading: the ways through the client, and the node's own parts alone. */

export const ways = {
  readAll: 'readAll',
  readStream: 'readStream',
  subscribeToAll: 'subscribeToAll, catching up',
  subscribeFiltered: 'the same, filtered by prefixes',
} as const;

export type Way = keyof typeof ways;

export const parts = {
  paging: 'PostgreSQL paging, rows dropped',
  encoding: "the node's encoding, rows in memory",
  both: 'both, as the node reads a page',
} as const;

export type Part = keyof typeof parts;
