/**
 * An answer that goes on until one side ends it, such as a stream of events. It outlives what was checked at its beginning, so its
 * route (liveRoute.ts) is given the means to look again: whether the client is still there, and whether the caller may still be.
 */
import type { ServerResponse } from 'node:http';

export interface Live {
  /** Aborts when the client went away, or the answer ended. */
  readonly gone: AbortSignal;
  /** Checks the credentials again, as at the beginning. @throws Refused */
  readonly admit: () => void;
  /** Breaks the connection off: for a client that takes nothing more. */
  readonly hangUp: () => void;
}

export const liveOf = (response: ServerResponse, admit: () => void): Live => {
  const gone = new AbortController();
  if (response.closed) gone.abort();
  else response.once('close', () => gone.abort());
  return { gone: gone.signal, admit, hangUp: () => void response.destroy() };
};
