/** The logger of a thread: its lines go to the main thread, which has the real one. */
import type { Logger } from '../logger.js';

export interface LogLine {
  readonly kind: 'log';
  readonly level: keyof Logger;
  readonly fields: object;
  readonly message: string;
}

export const forwardLog = (send: (line: LogLine) => void): Logger => {
  const forward =
    (level: keyof Logger) =>
    (fields: object, message: string): void =>
      send({ kind: 'log', level, fields: plain(fields), message });
  return {
    debug: forward('debug'),
    info: forward('info'),
    warn: forward('warn'),
    error: forward('error'),
  };
};

/** Errors lose their fields on the way to another thread; keep those that tell something. */
const plain = (fields: object): object =>
  Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error
        ? { type: value.name, message: value.message, stack: value.stack }
        : value,
    ]),
  );
