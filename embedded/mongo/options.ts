/** What the embedded document store is started with, and what a running one is to its owner. */

export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const silent = (): void => undefined;
export const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };

export interface MongoOptions {
  /** 0 or nothing: any that is free. */
  readonly port?: number;
  /** It has no users, so it is for this machine alone; 127.0.0.1 unless told. */
  readonly host?: '127.0.0.1' | '::1';
  readonly logger?: Logger;
}

export interface RunningMongo {
  readonly port: number;
  /** For the official driver. */
  readonly connectionString: string;
  /** Ends the connections. Twice is safe. */
  stop(): Promise<void>;
}
