/** A shop that sells gift cards, with the worker that settles what receipts reserve on them. */
import { issueGiftCards, openGiftCardSeries } from '../../../commands/giftCard/openSeries.js';
import { sellGiftCard } from '../../../commands/giftCard/sellCard.js';
import { createHandler } from '../../../commands/handle.js';
import { printed } from '../../../domain/coupon/codes.js';
import type { Position } from '../../../domain/fact.js';
import { availableOn, giftCard, giftCardStream } from '../../../domain/giftCard/giftCard.js';
import {
  giftCardId,
  type GiftCardId,
  type GiftCardSeriesId,
} from '../../../domain/giftCard/ids.js';
import type { GiftCardTerms } from '../../../domain/giftCard/series.js';
import { createGiftCardsWorker, giftCardTriggers } from '../../../workers/giftCards.js';
import { dormantUntil } from '../../../workers/dormant.js';
import { openShop, till } from '../commands/account/shop.js';
import { demo } from '../commands/house.js';

export const books = 'books' as GiftCardSeriesId;
export const openTerms: GiftCardTerms = {
  least: 100,
  most: 50_000,
  validDays: null,
  merchants: null,
  cardsMost: 1_000,
};

export const openGiftShop = async (changes: Partial<GiftCardTerms> = {}, currency = 'GBP') => {
  const shop = await openShop();
  const { handler, context } = shop;
  const terms = { ...openTerms, ...changes };
  const named = { seriesId: books, name: 'Books', merchantId: till.merchantId, currency };
  await handler.handle(openGiftCardSeries, { ...named, terms }, context());
  await handler.handle(issueGiftCards, { seriesId: books, count: 100 }, context());

  const numberOf = async (place: number): Promise<string> => {
    const series = shop.directory.giftCards.series(demo, books);
    if (!series) throw new Error('the series is not known yet');
    const numbers = await shop.directory.giftCards.numbersOf(demo, series);
    return printed(numbers.codes(place, 1)[0] ?? '');
  };
  const sell = async (place: number, amount: number): Promise<string> => {
    const input = { ...till, card: giftCardId(books, place), amount };
    await handler.handle(sellGiftCard, input, context());
    return numberOf(place);
  };
  /** As another process finds it. */
  const stateOf = (card: GiftCardId) => {
    const fresh = createHandler({ log: shop.log, directory: shop.directory, cacheEntries: 10 });
    return fresh.state(giftCardStream(demo, card), giftCard);
  };
  const available = async (place: number) =>
    availableOn(await stateOf(giftCardId(books, place)), null);

  const failures: unknown[] = [];
  const stops: (() => Promise<void>)[] = [];
  const kept = { position: null as Position | null };
  const startWorker = () => {
    const closing = new AbortController();
    const worker = createGiftCardsWorker({
      feed: dormantUntil(shop.log, giftCardTriggers),
      handler,
      log: shop.log,
      checkpoints: {
        load: async () => kept.position,
        save: async (_name, position) => void (kept.position = position),
      },
      now: shop.now,
      onFailed: (error) => failures.push(error),
    });
    const running = worker.run(closing.signal);
    const stop = async () => {
      closing.abort();
      await running;
    };
    stops.push(stop);
    return { ...worker, signal: closing.signal, stop };
  };

  return {
    ...shop,
    failures,
    numberOf,
    sell,
    stateOf,
    available,
    startWorker,
    close: async () => {
      for (const stop of stops) await stop();
      await shop.close();
    },
  };
};
export type GiftShop = Awaited<ReturnType<typeof openGiftShop>>;
