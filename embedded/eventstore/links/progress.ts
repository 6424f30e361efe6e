/** Says in the log how far a link index is, while it is far behind. */
import type { Logger } from '../options.js';
import type { LinkIndexName } from './linkIndex.js';

const TELL_EVERY_MS = 5000;
const FAR_BEHIND = 10_000;

export class IndexProgress {
  private isFarBehind = false;
  private told = { at: 0, position: 0 };

  constructor(
    private readonly index: LinkIndexName,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
  ) {}

  begin(position: number, head: number): void {
    this.isFarBehind = head - position > FAR_BEHIND;
    this.told = { at: this.now(), position };
    if (this.isFarBehind)
      this.logger.info({ index: this.index, position, head }, 'a link index is catching up');
  }

  reach(position: number, head: number, isAtHead: boolean): void {
    if (!this.isFarBehind) return;
    const { index } = this;
    if (isAtHead) {
      this.isFarBehind = false;
      this.logger.info({ index, position }, 'a link index has caught up');
      return;
    }
    const elapsedMs = this.now() - this.told.at;
    if (elapsedMs < TELL_EVERY_MS) return;
    const perSecond = Math.round(((position - this.told.position) * 1000) / elapsedMs);
    this.told = { at: this.now(), position };
    this.logger.info({ index, position, head, perSecond }, 'a link index is catching up');
  }
}
