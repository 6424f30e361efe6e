/**
 * Watches the room on the disk that the log lies on, so that appends are refused while PostgreSQL still has enough to live on.
 *
 * PostgreSQL that cannot write its own log any more ends in a panic, and cannot start again either until there is room: then
 * nothing is readable. Refused early, the same disk leaves it readable, and writing goes on by itself once there is room.
 */
import { statfs } from 'node:fs/promises';
import type { Logger, StorageOptions } from '../options.js';

const LOOK_EVERY_MS = 1_000;
/** Room has to exceed the reserve by this before writing goes on, so that it does not flutter. */
const HYSTERESIS = 1.1;

export class StorageRoom {
  /** Why nothing may be written now; undefined while there is room. */
  refusal: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly storage: StorageOptions,
    private readonly logger: Logger,
    private readonly lookEveryMs = LOOK_EVERY_MS,
  ) {}

  /** Looks once, then goes on looking until `stop`. */
  async start(): Promise<void> {
    await this.look();
    this.timer = setInterval(() => void this.look(), this.lookEveryMs);
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const { folder, reserveBytes, freeBytes = freeBytesOf } = this.storage;
    let free: number;
    try {
      free = await freeBytes(folder);
    } catch (error) {
      this.logger.debug({ err: error, folder }, 'the room on the disk could not be read');
      return;
    }
    if (this.refusal === undefined && free < reserveBytes) {
      this.refusal =
        `the disk is full: ${megabytes(free)} MB left where ${folder} lies, ${megabytes(reserveBytes)} MB are kept for ` +
        'PostgreSQL itself; free some room, then writing goes on by itself';
      this.logger.error({ folder, free, reserveBytes }, 'the event log refuses appends: no room');
    } else if (this.refusal !== undefined && free >= reserveBytes * HYSTERESIS) {
      this.refusal = undefined;
      this.logger.info({ folder, free }, 'the event log takes appends again: there is room');
    }
  }
}

const freeBytesOf = async (folder: string): Promise<number> => {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
};

const megabytes = (bytes: number): number => Math.floor(bytes / 1024 / 1024);
