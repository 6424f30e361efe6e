import { expect } from 'chai';
import fc from 'fast-check';
import {
  drawKey,
  leftOf,
  type PrizeReservation,
  releasePrize,
  reservePrize,
  returnPrize,
  stock,
  type StockEvent,
  winPrize,
} from '../../../domain/game/stock.js';
import type { PurchaseId, UserId } from '../../../domain/ids.js';
import { Rejected } from '../../../domain/rejected.js';
import { specification } from '../registry/spec.js';

const given = specification(stock);
const prize = 'a bicycle';
const draw = (id: string, number = 7) => ({
  userId: '8018000010000000000000013' as UserId,
  purchaseId: id as PurchaseId,
  draw: number,
});
const asking = (id: string, until = 1_000): PrizeReservation => ({ ...draw(id), prize, until });
const reserved = (id: string): StockEvent => ({ type: 'PrizeReserved', data: asking(id) });
const at = (place: number, revision = 0) => ({ place: String(place), revision });
const won = (id: string, place: number): StockEvent => ({
  type: 'PrizeWon',
  data: { ...draw(id), prize, answers: at(place) },
});

describe('a prize that there are so many of', () => {
  it('is reserved while there is one, once for a draw', () => {
    given()
      .when((state) => reservePrize({ ...asking('p1'), inStock: 1 }, state))
      .then(reserved('p1'));
    given(reserved('p1'))
      .when((state) => reservePrize({ ...asking('p1', 2_000), inStock: 1 }, state))
      .thenNothing();
    given(reserved('p1'))
      .when((state) => reservePrize({ ...asking('p2'), inStock: 1 }, state))
      .thenRejected('budget-exhausted');
  });

  it('is won as the account says, also after it was released, once for each fact', () => {
    const win = won('p1', 9).data as Extract<StockEvent, { type: 'PrizeWon' }>['data'];
    const release: StockEvent = {
      type: 'PrizeReleased',
      data: { ...draw('p1'), prize, reason: 'late' },
    };
    given(reserved('p1'), release)
      .when((state) => winPrize(win, state))
      .then(won('p1', 9));
    given(reserved('p1'), won('p1', 9))
      .when((state) => winPrize(win, state))
      .thenNothing();
    const second = { ...win, ...draw('p1', 8), answers: at(9, 1) };
    given(reserved('p1'), won('p1', 9))
      .when((state) => winPrize(second, state))
      .then({ type: 'PrizeWon', data: second });
  });

  it('is released only if it is still reserved as it was', () => {
    const because = { ...asking('p1'), reason: 'late' };
    given(reserved('p1'))
      .when((state) => releasePrize(because, state))
      .then({ type: 'PrizeReleased', data: { ...draw('p1'), prize, reason: 'late' } });
    given(reserved('p1'))
      .when((state) => releasePrize({ ...because, until: 5 }, state))
      .thenNothing();
    given(reserved('p1'), won('p1', 9))
      .when((state) => releasePrize(because, state))
      .thenNothing();
  });

  type Step = readonly ['reserve' | 'win' | 'release' | 'return', number];
  const steps: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom('reserve', 'win', 'release', 'return'),
    fc.nat({ max: 5 }),
  );

  it('is never won more often than there are, whatever is asked in what order', () => {
    const inStock = 2;
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (script) => {
        let state = stock.initial();
        const held = new Set<string>();
        let place = 0;
        const add = (events: readonly StockEvent[]): void => {
          for (const event of events) {
            state = stock.evolve(state, { ...event, revision: 0, occurredAt: 0 });
          }
        };
        for (const [what, which] of script) {
          const id = `p${which}`;
          place += 1;
          const known = state.open.has(drawKey(draw(id)));
          try {
            // A receipt that won has it; what was reserved for it is won or released, nothing else.
            if (what === 'reserve' && !held.has(id)) {
              add(reservePrize({ ...asking(id), inStock }, state));
            }
            if (what === 'win' && known) {
              add(winPrize({ ...draw(id), prize, answers: at(place) }, state));
              held.add(id);
            }
            if (what === 'release' && known)
              add(releasePrize({ ...asking(id), reason: '' }, state));
            if (what === 'return' && held.delete(id)) {
              const { userId, purchaseId } = draw(id);
              const back = { userId, purchaseId, prize, cause: 'r', answers: at(place) };
              add(returnPrize(back, state));
            }
          } catch (error) {
            if (!(error instanceof Rejected)) throw error;
          }
          expect(held.size + state.open.size).to.be.at.most(inStock);
          expect(leftOf(state, prize, inStock, [])).to.equal(inStock - held.size - state.open.size);
        }
        const kept = JSON.parse(JSON.stringify(stock.snapshot?.take(state))) as unknown;
        expect(stock.snapshot?.restore(kept)).to.deep.equal(state);
      }),
      { numRuns: 200 },
    );
  });
});
