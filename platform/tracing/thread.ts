/** Tracing of a thread: its spans go to the collector by themselves, what there is to say of it by its logger. */
import { openTracing } from './open.js';
import type { OpenTracing, TracingSettings } from './settings.js';

interface Warns {
  warn(fields: object, message: string): void;
}

/** Null where tracing is off. @param part for whoever reads the traces. */
export const openThreadTracing = (
  settings: TracingSettings | null | undefined,
  part: string,
  logger: Warns,
): Promise<OpenTracing | null> =>
  openTracing(settings ?? null, part, {
    away: (error) => logger.warn({ err: error, part }, 'the collector of traces is away'),
  });
