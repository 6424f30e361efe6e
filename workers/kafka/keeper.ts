/**
 * Keeps one piece of work running for each link that is wanted: begins what is new, ends what is wanted no more, and leaves the others
 * alone. What is wanted is looked at again a few times a second, since it is in memory and changes rarely.
 */
import { pause } from '../../projections/pause.js';

const everyMs = 250;

export const keepRunning = async <Link>(options: {
  /** By a name that changes when it is to begin anew. */
  readonly wanted: () => ReadonlyMap<string, Link>;
  /** Until the signal aborts. */
  readonly run: (link: Link, signal: AbortSignal) => Promise<void>;
  readonly onFailed: (error: unknown) => void;
  readonly signal: AbortSignal;
}): Promise<void> => {
  const { wanted, run, onFailed, signal } = options;
  const running = new Map<
    string,
    { readonly stop: AbortController; readonly end: Promise<void> }
  >();
  while (!signal.aborted) {
    const links = wanted();
    for (const [name, { stop, end }] of running) {
      if (links.has(name)) continue;
      stop.abort();
      await end;
      running.delete(name);
    }
    for (const [name, link] of links) {
      if (running.has(name)) continue;
      const stop = new AbortController();
      const end = run(link, stop.signal)
        .catch(onFailed)
        .finally(() => running.delete(name));
      running.set(name, { stop, end });
    }
    await pause(everyMs, signal);
  }
  for (const { stop } of running.values()) stop.abort();
  await Promise.all([...running.values()].map(({ end }) => end));
};
