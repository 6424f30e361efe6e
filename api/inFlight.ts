/**
 * The requests being worked on: for their time limit, and for a stop that lets them end.
 *
 * One timer sweeps them all a few times per limit; a timer for each request would cost the hot path more than it is worth. Requests
 * have numbered places and no Set: one that so much passes through lays itself out anew all the time, and each layout left behind
 * keeps the requests that it held alive for the collector of young objects, which then copies them to the old ones.
 */
import type { Exchange } from './exchange.js';
import { refused } from './refused.js';
import { renderProblem } from './render.js';

export interface InFlight {
  add(exchange: Exchange): void;
  remove(exchange: Exchange): void;
  readonly size: () => number;
  /** From now on every answer closes its connection, so that no client goes on talking to a process that is going. */
  stopIntake(): void;
  readonly stopping: () => boolean;
  /** Resolves when none is left. */
  drained(): Promise<void>;
  /** Answers those that are left with `stopping`. */
  abort(): void;
  close(): void;
}

export const createInFlight = (requestTimeoutMs: number): InFlight => {
  const places: (Exchange | null)[] = [];
  const free: number[] = [];
  const idle = new Set<() => void>();
  let stopping = false;

  const size = () => places.length - free.length;

  const sweep = () => {
    const limit = performance.now() - requestTimeoutMs;
    for (const exchange of places) {
      if (!exchange || exchange.started > limit || exchange.response.headersSent) continue;
      const advice = `It was not answered within ${requestTimeoutMs} ms. Repeat it with the same key.`;
      renderProblem(exchange, refused('request-timeout', advice, {}, { 'retry-after': '1' }));
    }
  };
  const timer = setInterval(sweep, Math.max(10, Math.min(1_000, requestTimeoutMs / 4)));
  timer.unref();

  return {
    add: (exchange) => {
      exchange.place = free.pop() ?? places.length;
      places[exchange.place] = exchange;
    },
    remove: (exchange) => {
      places[exchange.place] = null;
      free.push(exchange.place);
      if (idle.size > 0 && size() === 0) {
        for (const resolve of idle) resolve();
        idle.clear();
      }
    },
    size,
    stopIntake: () => {
      stopping = true;
    },
    stopping: () => stopping,
    drained: () => (size() === 0 ? Promise.resolve() : new Promise((resolve) => idle.add(resolve))),
    abort: () => {
      for (const exchange of places) {
        if (!exchange) continue;
        const advice = 'Repeat the request with the same key.';
        renderProblem(exchange, refused('stopping', advice, {}, { 'retry-after': '1' }));
      }
    },
    close: () => clearInterval(timer),
  };
};
