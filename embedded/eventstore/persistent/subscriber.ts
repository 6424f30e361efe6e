/** A consumer's connection as its group uses it; what serves the call implements it. */
import type { GrpcFailure } from '../grpc/status.js';
import type { Consumer } from './consumer.js';

export interface Subscriber {
  readonly consumer: Consumer;
  /** Address of the client, host:port. */
  readonly from: string;
  readonly username: string;
  readonly connectionName: string;
  /** Sends frames; false when the connection takes no more until `drained`. */
  send(frames: Buffer): boolean;
  drained(): Promise<void>;
  /** Ends the subscription. */
  drop(failure: GrpcFailure): void;
}
