/**
 * Pages of $all that several readers want at about the same time, as when all subscribers come back after a restart: each is read
 * and encoded once for all of them. Cursors end their pages at the same places, so that readers who began apart soon share too.
 *
 * Invariant: only pages that end at or below the published head are shared, since nothing more can come into those. A page is
 * kept for a moment only, and few are, so that what scavenging removes is not shown for long and memory stays bounded.
 */
import type { Block } from './block.js';
import { type LogPages, PAGE_ROWS_MAX, type PageRequest } from './pages.js';

const PAGES_MAX = 64;
const KEPT_MS = 1000;

export type ForwardPage = Pick<PageRequest, 'from' | 'rowsMax' | 'head' | 'named'>;

export interface PageRead {
  /** Empty when there was nothing up to `head`. */
  readonly block: Block;
  /** How far the log was published when the page was read. */
  readonly head: number;
}

/** Rows from a position up to the next place where pages end, at most `rows`. */
export const rowsUpToPageEnd = (from: number, rows: number): number =>
  Math.min(rows, PAGE_ROWS_MAX - ((from - 1) % PAGE_ROWS_MAX));

export class SharedPages {
  private readonly pages = new Map<string, Promise<PageRead>>();

  constructor(
    private readonly log: Pick<LogPages, 'read'>,
    private readonly keptMs = KEPT_MS,
  ) {}

  /** Reads a page of $all forwards. Throws what reading throws, to all who wait for it. */
  read(page: ForwardPage): Promise<PageRead> {
    if (page.from + page.rowsMax - 1 > page.head) return this.fetch(page);
    const key = `${page.from}/${page.rowsMax}/${page.named}`;
    const shared = this.pages.get(key);
    if (shared) return shared;
    const reading = this.fetch(page);
    const forget = (): void => {
      if (this.pages.get(key) === reading) this.pages.delete(key);
    };
    this.pages.set(key, reading);
    if (this.pages.size > PAGES_MAX) this.pages.delete(this.pages.keys().next().value!);
    reading.then(() => setTimeout(forget, this.keptMs).unref(), forget);
    return reading;
  }

  private async fetch(page: ForwardPage): Promise<PageRead> {
    return { block: await this.log.read({ ...page, backwards: false }), head: page.head };
  }
}
