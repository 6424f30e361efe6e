/** Records of what partners are handed on their own asking, kept as long as those of deliveries; and where they are searched. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../commands/log.js';
import { createHandOver, type HandOver } from '../../commands/publication/handovers.js';
import { handovers } from '../../projections/handovers/handovers.js';
import { type HandoverSearches, searchHandovers } from '../../projections/handovers/search.js';
import type { Config } from '../config.js';
import type { LimitAge } from '../eventstore/ageLimit.js';
import type { Logger } from '../logging.js';
import type { Documents } from './documents.js';

/** Streams whose age is known to be limited: forgetting one costs a look at its metadata. */
const limitedMax = 10_000;

export const openHandOver = (options: {
  readonly config: Pick<Config, 'deliveriesKeptDays'>;
  readonly log: Pick<Log, 'append'>;
  readonly limitAge: LimitAge;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): HandOver => {
  const { config, log, limitAge, logger, now } = options;
  const limited = new Set<string>();
  const limit = (stream: string): void => {
    if (limited.has(stream)) return;
    if (limited.size >= limitedMax) limited.clear();
    limited.add(stream);
    // Nobody waits for it, and the next who hands something over tries again.
    limitAge(stream, config.deliveriesKeptDays).catch((error: unknown) => {
      limited.delete(stream);
      logger.warn({ err: error, stream }, 'the age of a stream could not be limited');
    });
  };
  return createHandOver({
    log,
    now,
    owner: randomUUID(),
    pause: (milliseconds) => wait(milliseconds),
    onStream: limit,
  });
};

const nothing = { rows: [], next: null, keptFrom: null };
const reachDeadlineMs = 5_000;

export const createHandoverSearches = (documents: Documents): HandoverSearches => ({
  handovers: async (search) =>
    (await documents.ask((db) => searchHandovers(db, search))) ?? nothing,
  reach: (position) => documents.waitFor(handovers.name, position, reachDeadlineMs),
});
