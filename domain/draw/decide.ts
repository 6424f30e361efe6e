/**
 * The deciders of a prize draw. Hashes are handed in, ready made or as functions: the domain knows no library, and nothing here
 * is random.
 */
import type { MerchantId, UserId } from '../ids.js';
import { rejected } from '../rejected.js';
import {
  type Draw,
  type DrawEntry,
  type DrawEvent,
  type DrawId,
  type DrawTerms,
  entryKey,
} from './draw.js';
import type { KeyedHash } from './uniform.js';
import { chooseWinners, entryLine } from './winners.js';

/** Receipts of the last minute may still be on their way when a draw closes. */
const settleMs = 60_000;
/** Lines of entries; a draw keeps them in memory while it is open. */
export const entriesMax = 200_000;
const prizesMax = 1_000;

/** SHA-256 of a text, hex. */
export type Hash = (text: string) => string;

/** @throws Rejected already-registered, draw-opened-before, ends-before-it-begins, prize-repeated, too-many-prizes */
export const announceDraw = (
  command: {
    readonly drawId: DrawId;
    readonly terms: DrawTerms;
    readonly seedHash: string;
    readonly now: number;
  },
  draw: Draw,
): DrawEvent[] => {
  const { drawId, terms, seedHash, now } = command;
  if (draw.announced) {
    if (JSON.stringify(draw.announced.terms) === JSON.stringify(terms)) return []; // already carried out
    throw rejected('already-registered', { drawId });
  }
  if (terms.opens < now) throw rejected('draw-opened-before', { opens: terms.opens, now });
  if (terms.closes <= terms.opens) {
    throw rejected('ends-before-it-begins', { opens: terms.opens, closes: terms.closes });
  }
  const names = new Set(terms.prizes.map(({ prize }) => prize));
  if (names.size < terms.prizes.length) throw rejected('prize-repeated');
  const prizes = terms.prizes.reduce((sum, { count }) => sum + count, 0);
  if (prizes > prizesMax) throw rejected('too-many-prizes', { prizes, most: prizesMax });
  return [{ type: 'DrawAnnounced', data: { drawId, terms, seedHash } }];
};

const known = (draw: Draw): NonNullable<Draw['announced']> => {
  if (!draw.announced) throw rejected('draw-not-found');
  return draw.announced;
};

/** `at` (ms) is when it was earned. @throws Rejected draw-not-found, draw-not-open, draw-full */
export const enterDraw = (
  entry: DrawEntry & { readonly cause: string; readonly at: number },
  draw: Draw,
): DrawEvent[] => {
  const { terms } = known(draw);
  const { userId, cause, at } = entry;
  if (draw.entries.has(entryKey(userId, cause))) return []; // already carried out
  const isOpen = draw.status === 'announced' && at >= terms.opens && at < terms.closes;
  if (!isOpen) throw rejected('draw-not-open', { opens: terms.opens, closes: terms.closes });
  if (draw.entries.size >= entriesMax) throw rejected('draw-full', { most: entriesMax });
  return [{ type: 'DrawEntered', data: entry }];
};

/** What has closed is not changed any more: then nothing happens. @throws Rejected draw-not-found */
export const withdrawEntry = (
  { userId, cause }: { readonly userId: UserId; readonly cause: string },
  draw: Draw,
): DrawEvent[] => {
  known(draw);
  if (draw.status !== 'announced' || !draw.entries.has(entryKey(userId, cause))) return [];
  return [{ type: 'DrawEntryWithdrawn', data: { userId, cause } }];
};

/** @throws Rejected draw-not-found, draw-over, draw-still-open */
export const closeDraw = (
  { now, hash }: { readonly now: number; readonly hash: Hash },
  draw: Draw,
): DrawEvent[] => {
  const { terms } = known(draw);
  if (draw.status === 'closed' || draw.status === 'decided') return []; // already carried out
  if (draw.status === 'cancelled') throw rejected('draw-over');
  if (now < terms.closes + settleMs) throw rejected('draw-still-open', { closes: terms.closes });
  const lines = [...draw.entries.values()];
  const entriesHash = hash(lines.map(entryLine).join(''));
  const entries = lines.reduce((sum, one) => sum + one.entries, 0);
  return [{ type: 'DrawClosed', data: { entriesHash, count: lines.length, entries } }];
};

/**
 * `hash` is HMAC-SHA256 under the seed's bytes.
 * @throws Rejected draw-not-found, draw-over, draw-still-open, draw-beacon-missing
 */
export const decideDraw = (
  command: { readonly seed: string; readonly beacon?: string; readonly hash: KeyedHash },
  draw: Draw,
): DrawEvent[] => {
  const { terms } = known(draw);
  const { seed, beacon, hash } = command;
  if (draw.status === 'decided') return []; // already carried out
  if (draw.status === 'cancelled') throw rejected('draw-over');
  if (!draw.closed) throw rejected('draw-still-open', { closes: terms.closes });
  if ((terms.beacon === undefined) !== (beacon === undefined)) {
    throw rejected('draw-beacon-missing', { beacon: terms.beacon ?? null });
  }
  const lines = [...draw.entries.values()];
  const { entriesHash } = draw.closed;
  const chosen = chooseWinners(lines, terms.prizes, { entriesHash, beacon: beacon ?? '' }, hash);
  const winners = chosen.map((winner) => ({
    ...winner,
    userId: (lines[winner.entry] as DrawEntry).userId,
  }));
  const said = beacon === undefined ? {} : { beacon };
  return [{ type: 'DrawDecided', data: { seed, ...said, winners } }];
};

/** Nobody can cancel a draw once its entries are fixed: its outcome could be known. @throws Rejected draw-not-found, draw-over */
export const cancelDraw = ({ reason }: { readonly reason: string }, draw: Draw): DrawEvent[] => {
  known(draw);
  if (draw.status === 'cancelled') return []; // already carried out
  if (draw.status !== 'announced') throw rejected('draw-over');
  return [{ type: 'DrawCancelled', data: { reason } }];
};

/** How many entries a purchase brings, 0 for none. `paid` in minor units. */
export const entriesOfPurchase = (
  { opens, closes, purchases }: DrawTerms,
  {
    merchantId,
    paid,
    at,
  }: { readonly merchantId: MerchantId; readonly paid: number; readonly at: number },
): number => {
  if (purchases === null || at < opens || at >= closes) return 0;
  const { per, merchantIds, most = 10_000 } = purchases;
  if (merchantIds && !merchantIds.includes(merchantId)) return 0;
  return Math.min(Math.floor(paid / per), most);
};
