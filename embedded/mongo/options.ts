/** What the embedded document store is started with, and what a running one is to its owner. */
import type { Logger } from '../logger.js';

export { type Logger, silentLogger } from '../logger.js';

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
