/**
 * Keeps one piece of work running for each link that is wanted: begins what is new, ends what is wanted no more, and leaves the others
 * alone. What is wanted is looked at again a few times a second, since it is in memory and changes rarely.
 */
import { pause } from '../../projections/pause.js';

const everyMs = 250;

/** Names are an id and a generation: two of one id never run at a time. */
const idOf = (name: string): string => name.split(' ')[0] ?? '';

export const keepRunning = async <Link>(options: {
  /** By `id generation`. */
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

  const begin = (name: string, link: Link): void => {
    const stop = new AbortController();
    const end = run(link, stop.signal)
      .catch(onFailed)
      .finally(() => running.delete(name));
    running.set(name, { stop, end });
  };

  while (!signal.aborted) {
    const links = wanted();
    // It ends in its own time, and nobody else waits for it.
    for (const [name, { stop }] of running) if (!links.has(name)) stop.abort();
    const busy = new Set([...running.keys()].map(idOf));
    for (const [name, link] of links) if (!busy.has(idOf(name))) begin(name, link);
    await pause(everyMs, signal);
  }
  for (const { stop } of running.values()) stop.abort();
  await Promise.all([...running.values()].map(({ end }) => end));
};
