/**
 * Long work on a read model, by its name: what operators begin, watch and cancel. Where it runs is the composition's affair.
 */
import type pg from 'pg';
import { projectionNamed } from './all.js';
import type { Feed } from './feed.js';
import type { OnProgress, Progress } from './progress.js';
import { rebuild } from './rebuild.js';
import { type Replayed, replay, type ReplayOptions } from './replay.js';
import { type Verified, verify } from './verify.js';

export interface Watched {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

/** Each rejects with the signal's reason where it was cancelled. */
export interface ReadModelWork {
  /** Fills it anew beside the live one, which it then replaces. */
  rebuild(projection: string, watched: Watched): Promise<Progress>;
  /** Fills a schema of its own up to a place or a time. */
  replay(
    projection: string,
    options: Pick<ReplayOptions, 'until' | 'resume'>,
    watched: Watched,
  ): Promise<Replayed>;
  /** Compares it row by row with a whole replay. */
  verify(projection: string, watched: Watched): Promise<Verified>;
}

/** In the thread that calls. */
export const createReadModelWork = (from: {
  readonly feed: Feed;
  readonly pool: pg.Pool;
}): ReadModelWork => ({
  rebuild: (name, watched) => rebuild({ ...from, ...watched, projection: projectionNamed(name) }),
  replay: (name, options, watched) =>
    replay({ ...from, ...options, ...watched, projection: projectionNamed(name) }),
  verify: (name, watched) => verify({ ...from, ...watched, projection: projectionNamed(name) }),
});
