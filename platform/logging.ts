/**
 * The log: pino, one JSON object a line, to standard error or a file; for people on a terminal one readable line.
 *
 * Standard output stays free for what a command answers. Secrets and personal data never reach a line, whatever
 * object is logged, since hiding happens here and not where something is logged.
 */
import {
  pino,
  stdSerializers,
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  type Logger,
} from 'pino';
import type { Config } from './config.js';
import { hidePersonal } from './logging/hidePersonal.js';
import { prettyDestination } from './logging/pretty.js';

export type { Logger } from 'pino';

export type LoggingOptions = Pick<Config, 'logLevel' | 'logFormat' | 'logFile'> & {
  /** Gets the JSON lines instead. */
  readonly destination?: DestinationStream;
};

/**
 * A write for every request was a tenth of what a request costs outside of the main thread, and each wakes a thread of libuv, which may take the
 * processor from whoever wrote.
 */
const bytesTogether = 65_536;
/** The longest that a line waits for others. */
const flushMs = 100;

/** Standard error or a file, for people or programs. */
export const destinationFor = ({
  logFormat,
  logFile,
}: Pick<LoggingOptions, 'logFormat' | 'logFile'>): DestinationStream => {
  const onTerminal = logFile === '' && process.stderr.isTTY;
  if (logFormat === 'pretty' || (logFormat === 'auto' && onTerminal)) {
    if (logFile === '') return prettyDestination(process.stderr);
  }
  // Asynchronous and some lines at a time, but flushed when the process ends.
  return pino.destination({
    dest: logFile === '' ? 2 : logFile,
    mkdir: true,
    sync: false,
    minLength: bytesTogether,
    maxWrite: 2 * bytesTogether,
    periodicFlush: flushMs,
  });
};

/** pino applies no formatter to the fields of a child; children of children inherit this method. */
const hideInChildren = (logger: Logger): Logger => {
  const makeChild: (fields: Bindings, options?: ChildLoggerOptions) => Logger = logger.child;
  const child = function (this: Logger, fields: Bindings, options?: ChildLoggerOptions): Logger {
    return makeChild.call(this, hidePersonal(fields), options);
  };
  return Object.assign(logger, { child });
};

/** A logger; `logger.child({ component })` for parts, so that their lines can be told apart. */
export const createLogger = (options: LoggingOptions): Logger =>
  hideInChildren(
    pino(
      {
        level: options.logLevel,
        base: { pid: process.pid },
        formatters: {
          level: (label) => ({ level: label }),
          log: hidePersonal,
        },
        serializers: {
          err: (error: Error) => hidePersonal({ ...stdSerializers.err(error) }),
        },
      },
      options.destination ?? destinationFor(options),
    ),
  );
