import {
  announceDraw,
  cancelDraw,
  closeDraw,
  decideDraw,
  enterDraw,
  entriesOfPurchase,
  withdrawEntry,
} from '../../../domain/draw/decide.js';
import { expect } from 'chai';
import { seedOf, sha256 } from '../../../commands/seeds.js';
import {
  type Draw,
  draw,
  type DrawEvent,
  type DrawId,
  type DrawTerms,
} from '../../../domain/draw/draw.js';
import type { MerchantId, UserId } from '../../../domain/ids.js';
import { specification } from '../registry/spec.js';

const given = specification(draw);
const drawId = 'spring' as DrawId;
const { seed, seedHash, hash } = seedOf(Buffer.alloc(32, 1));
const terms: DrawTerms = {
  name: 'Spring',
  opens: 1_000,
  closes: 2_000,
  prizes: [{ prize: 'a hamper', count: 1 }],
  purchases: { per: 1_000, most: 5 },
};
const minute = 60_000;
const announced: DrawEvent = { type: 'DrawAnnounced', data: { drawId, terms, seedHash } };
const entry = (number: number, at = 1_500) => ({
  participant: String(number).repeat(32),
  userId: String(number).repeat(25) as UserId,
  entries: number,
  cause: 'hand:letter',
  at,
});
const entered = (number: number): DrawEvent => ({ type: 'DrawEntered', data: entry(number) });
const close = (now: number) => (state: Draw) => closeDraw({ now, hash: sha256 }, state);
const decide = (beacon?: string) => (state: Draw) =>
  decideDraw({ seed, hash, ...(beacon === undefined ? {} : { beacon }) }, state);
const closed: DrawEvent = {
  type: 'DrawClosed',
  data: {
    entriesHash: sha256(`${'1'.repeat(32)} 1\n${'2'.repeat(32)} 2\n`),
    count: 2,
    entries: 3,
  },
};
const announce =
  (changes: Partial<DrawTerms> = {}, now = 0) =>
  (state: Draw) =>
    announceDraw({ drawId, terms: { ...terms, ...changes }, seedHash, now }, state);

describe('a prize draw', () => {
  it('is announced with the hash of its seed before it opens', () => {
    given().when(announce()).then(announced);
    given(announced).when(announce()).thenNothing();
    given(announced)
      .when(announce({ name: 'Summer' }))
      .thenRejected('already-registered');
    given().when(announce({}, 1_001)).thenRejected('draw-opened-before');
    given()
      .when(announce({ closes: 1_000 }))
      .thenRejected('ends-before-it-begins');
    const twice = [...terms.prizes, ...terms.prizes];
    given()
      .when(announce({ prizes: twice }))
      .thenRejected('prize-repeated');
    const many = ['a', 'b'].map((prize) => ({ prize, count: 501 }));
    given()
      .when(announce({ prizes: many }))
      .thenRejected('too-many-prizes');
  });

  it('takes entries between its opening and its closing, each cause of a customer once', () => {
    given(announced)
      .when((state) => enterDraw(entry(1), state))
      .then(entered(1));
    given(announced, entered(1))
      .when((state) => enterDraw(entry(1), state))
      .thenNothing();
    given(announced)
      .when((state) => enterDraw(entry(1, 999), state))
      .thenRejected('draw-not-open');
    given(announced)
      .when((state) => enterDraw(entry(1, 2_000), state))
      .thenRejected('draw-not-open');
    given(announced, closed)
      .when((state) => enterDraw(entry(1), state))
      .thenRejected('draw-not-open');
    given()
      .when((state) => enterDraw(entry(1), state))
      .thenRejected('draw-not-found');
  });

  it('gives up an entry whose purchase was returned, until it closes', () => {
    const { userId, cause } = entry(1);
    const withdraw = (state: Draw) => withdrawEntry({ userId, cause }, state);
    given(announced, entered(1))
      .when(withdraw)
      .then({ type: 'DrawEntryWithdrawn', data: { userId, cause } });
    given(announced).when(withdraw).thenNothing();
    given(announced, entered(1), closed).when(withdraw).thenNothing();
  });

  it('closes over its entries a minute after its closing time', () => {
    const past = [announced, entered(1), entered(2)];
    given(...past)
      .when(close(2_000 + minute - 1))
      .thenRejected('draw-still-open');
    given(...past)
      .when(close(2_000 + minute))
      .then(closed);
    given(...past, closed)
      .when(close(2_000 + minute))
      .thenNothing();
  });

  it('is decided by its seed once it is closed, and for good', () => {
    const past = [announced, entered(1), entered(2)];
    given(...past)
      .when(decide())
      .thenRejected('draw-still-open');
    const state = [...past, closed].reduce(
      (before, event, revision) => draw.evolve(before, { ...event, revision, occurredAt: 0 }),
      draw.initial(),
    );
    const [decided] = decide()(state);
    expect(decided).to.containSubset({ type: 'DrawDecided', data: { seed } });
    given(...past, closed, decided as DrawEvent)
      .when(decide())
      .thenNothing();
  });

  it('wants the public value that was announced, and no other', () => {
    given(announced, closed).when(decide('4 8 15')).thenRejected('draw-beacon-missing');
    const data = { drawId, terms: { ...terms, beacon: 'the lottery' }, seedHash };
    const withBeacon: DrawEvent = { type: 'DrawAnnounced', data };
    given(withBeacon, closed).when(decide()).thenRejected('draw-beacon-missing');
  });

  it('is not cancelled once its entries are fixed', () => {
    const cancel = (state: Draw) => cancelDraw({ reason: 'rain' }, state);
    const cancelled: DrawEvent = { type: 'DrawCancelled', data: { reason: 'rain' } };
    given(announced, entered(1)).when(cancel).then(cancelled);
    given(announced, cancelled).when(cancel).thenNothing();
    given(announced, closed).when(cancel).thenRejected('draw-over');
    given(announced, cancelled).when(close(9_999_999)).thenRejected('draw-over');
  });

  it('counts entries of a purchase by what was paid, up to the most', () => {
    const bought = (paid: number, at = 1_500, merchantId = 1 as MerchantId) =>
      entriesOfPurchase(terms, { paid, at, merchantId });
    expect([bought(999), bought(2_500), bought(99_999), bought(2_500, 2_000)]).to.deep.equal([
      0, 2, 5, 0,
    ]);
    const purchases = { per: 1_000, merchantIds: [2 as MerchantId] };
    const elsewhere = { paid: 5_000, at: 1_500, merchantId: 1 as MerchantId };
    expect(entriesOfPurchase({ ...terms, purchases }, elsewhere)).to.equal(0);
    expect(entriesOfPurchase({ ...terms, purchases: null }, elsewhere)).to.equal(0);
  });
});
