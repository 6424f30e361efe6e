/**
 * What a caller of a secured node writes through: each request is let through or answered as denied, in the order in
 * which they came, while their checks run side by side.
 */
import type { WriteRequest } from '../log/append.js';
import type { Writes } from '../log/eventLog.js';
import type { Access } from './access.js';
import type { Principal } from './users.js';

const CHECKING_MAX = 1024;

export class GuardedWrites implements Writes {
  private last: Promise<void> = Promise.resolve();
  private checking = 0;

  constructor(
    private readonly writes: Writes,
    private readonly access: Access,
    private readonly user: () => Principal | undefined,
  ) {}

  submit(request: WriteRequest): void {
    this.checking++;
    const verdict = this.check(request);
    this.last = this.last.then(async () => {
      const pass = await verdict;
      this.checking--;
      pass();
    });
  }

  get isFull(): boolean {
    return this.checking >= CHECKING_MAX || this.writes.isFull;
  }

  whenRoom(resume: () => void): void {
    if (this.writes.isFull) this.writes.whenRoom(resume);
    else void this.last.then(resume);
  }

  /** What to do with the request once it is its turn. Never rejects. */
  private async check(request: WriteRequest): Promise<() => void> {
    const action = request.kind === 'append' ? 'write' : 'delete';
    try {
      if (await this.access.mayUse(this.user(), action, request.stream))
        return () => this.writes.submit(request);
      return () => request.answer({ kind: 'accessDenied' });
    } catch (error) {
      const reason = `the stream's metadata could not be read: ${(error as Error).message}`;
      return () => request.answer({ kind: 'unavailable', reason });
    }
  }
}
