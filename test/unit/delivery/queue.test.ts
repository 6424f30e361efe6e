import { expect } from 'chai';
import fc from 'fast-check';
import type { Attempt, DeliveryEvent } from '../../../domain/delivery/events.js';
import { inFull } from '../../../domain/delivery/attempts.js';
import { applyDelivery } from '../../../domain/delivery/applyDelivery.js';
import {
  isAccounted,
  isOpen,
  jsonOfLedger,
  type Ledger,
  ledgerOfJson,
  newLedger,
  nextOpen,
} from '../../../domain/delivery/ledger.js';
import { createQueue, type QueueTerms, type Sending } from '../../../domain/delivery/queue.js';
import { retryDelayMs } from '../../../domain/delivery/schedule.js';

const webhookIdOf = (places: readonly number[]) => `msg_${places.join('x').padStart(22, '0')}`;

const attemptOf = (
  sending: Sending,
  outcome: Attempt['outcome'],
  startedAt: number,
  next?: number,
): Attempt => ({
  webhookId: sending.webhookId ?? webhookIdOf(sending.places),
  places: [...sending.places],
  ids: sending.places.map(String),
  attempt: (sending.waiting?.attempt ?? 0) + 1,
  cause: sending.cause,
  startedAt,
  ms: 1,
  outcome,
  ...(next === undefined ? {} : { next }),
  ...(sending.lane === null ? {} : { lane: sending.lane }),
  request: { url: 'https://bank.example/', headers: [], bytes: 2 },
});

interface World {
  readonly ledger: Ledger;
  readonly recorded: DeliveryEvent[];
  readonly sent: Sending[];
}

/** A topic of `keys.length` publications at an endpoint that answers as `answers` say, until nothing is left to do. */
const run = (
  terms: QueueTerms,
  keys: readonly string[],
  answers: readonly boolean[],
  filtered: readonly boolean[],
  onSent: (sending: Sending, inFlight: readonly Sending[]) => void = () => undefined,
): World => {
  const ledger = newLedger(-1);
  const recorded: DeliveryEvent[] = [];
  const sent: Sending[] = [];
  const queue = createQueue(terms, ledger);
  const inFlight: Sending[] = [];
  let [now, frontier, answered] = [1_000, 0, 0];
  const record = (event: DeliveryEvent): void => {
    recorded.push(event);
    applyDelivery(ledger, event, now);
  };
  const offer = (): void => {
    while (frontier < keys.length && queue.hasRoom(ledger, now) && queue.ready < 4) {
      const place = frontier;
      frontier += 1;
      if (filtered[place % filtered.length]) {
        const range = { first: place, last: place, reason: 'filtered' as const };
        record({ type: 'DeliveriesPassed', data: { ranges: [range] } });
      } else queue.offer(place, keys[place] ?? null, now);
    }
  };
  const finish = (sending: Sending): void => {
    const isGood = answers[answered % answers.length] ?? true;
    answered += 1;
    const made = (sending.waiting?.attempt ?? 0) + 1;
    const delay = retryDelayMs(made, 0);
    const id = sending.webhookId ?? webhookIdOf(sending.places);
    const isLast = delay === null && sending.cause !== 'probe';
    const outcome = isGood ? 'delivered' : isLast ? 'failed' : 'retry';
    const attempt = attemptOf(sending, outcome, now, isGood ? undefined : now + (delay ?? 1));
    record({ type: 'DeliveriesAttempted', data: { attempts: [attempt] } });
    if (outcome === 'failed') {
      const lane = sending.lane === null ? {} : { lane: sending.lane };
      const parked = {
        webhookId: id,
        places: [...sending.places],
        reason: 'attempts-used' as const,
      };
      record({ type: 'DeliveriesParked', data: { ...parked, ...lane } });
    }
    queue.settled(sending, isGood ? null : id);
  };
  for (let step = 0; step < 20_000; step += 1) {
    offer();
    const sending = queue.next(ledger, now);
    if (sending) {
      onSent(sending, inFlight);
      sent.push(sending);
      inFlight.push(sending);
      continue;
    }
    const done = inFlight.splice((step * 7) % Math.max(1, inFlight.length), 1)[0];
    if (done) {
      now += 1;
      finish(done);
      continue;
    }
    const wake = queue.wakeAt(ledger, now);
    if (wake === Infinity) break;
    expect(wake, 'time goes on').to.be.greaterThan(now);
    now = wake;
  }
  expect(queue.inFlight).to.equal(0);
  return { ledger, recorded, sent };
};

const terms = fc.record({
  order: fc.constantFrom('none' as const, 'block' as const, 'skip' as const),
  concurrency: fc.integer({ min: 1, max: 9 }),
  batchMax: fc.constantFrom(1, 1, 4),
  batchWaitMs: fc.constantFrom(0, 50),
});
const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 });
const answers = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
const filtered = fc.array(fc.boolean(), { minLength: 1, maxLength: 6 });

describe('the queue of a subscription', () => {
  it('accounts for every place in the end: delivered, passed, waiting, parked, or held by one that is parked', () => {
    fc.assert(
      fc.property(terms, keys, answers, filtered, (given, topic, said, skipped) => {
        const { ledger, recorded } = run(given, topic, said, skipped);
        const delivered = new Set(
          recorded
            .flatMap((event) =>
              event.type === 'DeliveriesAttempted'
                ? inFull(event.data.attempts).filter(({ outcome }) => outcome === 'delivered')
                : [],
            )
            .flatMap(({ places }) => places),
        );
        const listed = [...ledger.waiting.values(), ...ledger.parked.values()];
        const listedPlaces = new Set(listed.flatMap(({ places }) => places));
        const blocked = new Set([...ledger.parked.values()].map(({ lane }) => lane));
        for (const [place, key] of topic.entries()) {
          const isFiltered = skipped[place % skipped.length] === true;
          if (isFiltered || delivered.has(place) || listedPlaces.has(place)) {
            expect(isAccounted(ledger, place), `${place}`).to.equal(true);
          } else {
            expect(given.order, `${place} is open`).to.equal('block');
            expect(blocked.has(key) || blocked.has('*'), `${place} is held`).to.equal(true);
            expect(isAccounted(ledger, place)).to.equal(false);
          }
          expect(delivered.has(place) && listedPlaces.has(place)).to.equal(false);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('has never two of one key in flight, and never one delivery twice', () => {
    fc.assert(
      fc.property(terms, keys, answers, filtered, (given, topic, said, skipped) => {
        run(given, topic, said, skipped, (sending, inFlight) => {
          expect(inFlight.length).to.be.lessThan(given.concurrency);
          for (const other of inFlight) {
            expect(sending.webhookId === null || sending.webhookId !== other.webhookId).to.equal(
              true,
            );
            expect(sending.places.some((place) => other.places.includes(place))).to.equal(false);
            if (given.order === 'none') continue;
            expect(sending.lane !== null && sending.lane === other.lane).to.equal(false);
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  it('delivers what has the same key in order where a failure blocks it', () => {
    fc.assert(
      fc.property(keys, answers, fc.integer({ min: 1, max: 9 }), (topic, said, concurrency) => {
        const given = { order: 'block' as const, concurrency, batchMax: 1, batchWaitMs: 0 };
        const { recorded } = run(given, topic, said, [false]);
        const last = new Map<string, number>();
        for (const event of recorded) {
          if (event.type !== 'DeliveriesAttempted') continue;
          for (const { places, outcome } of inFull(event.data.attempts)) {
            const [place = 0] = places;
            if (outcome !== 'delivered') continue;
            const key = topic[place] ?? '';
            expect(place).to.be.greaterThan(last.get(key) ?? -1);
            last.set(key, place);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('comes to the same ledger from the log, also by way of a snapshot anywhere', () => {
    fc.assert(
      fc.property(terms, keys, answers, filtered, fc.nat(), (given, topic, said, skipped, cut) => {
        const { ledger, recorded } = run(given, topic, said, skipped);
        let again = newLedger(-1);
        for (const [index, event] of recorded.entries()) {
          if (index === cut % recorded.length) {
            again = ledgerOfJson(JSON.parse(JSON.stringify(jsonOfLedger(again))));
          }
          applyDelivery(again, event, 0);
        }
        // When something was parked is the log's to say.
        const timeless = (json: unknown) => JSON.stringify(json).replace(/"at":\d+/g, `"at":0`);
        expect(JSON.parse(timeless(jsonOfLedger(again)))).to.deep.equal(
          JSON.parse(timeless(jsonOfLedger(ledger))),
        );
      }),
      { numRuns: 200 },
    );
  });

  it('goes on after a restart where it was, with nothing lost and no key out of order', () => {
    const given = { order: 'block' as const, concurrency: 4, batchMax: 1, batchWaitMs: 0 };
    const ledger = newLedger(-1);
    const attempts = [
      attemptOf(
        { places: [0], lane: 'a', cause: 'first', webhookId: null, waiting: null },
        'retry',
        0,
        9_000,
      ),
      attemptOf(
        { places: [1], lane: 'b', cause: 'first', webhookId: null, waiting: null },
        'delivered',
        0,
      ),
      attemptOf(
        { places: [3], lane: 'b', cause: 'first', webhookId: null, waiting: null },
        'delivered',
        0,
      ),
    ];
    applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts } }, 0);
    expect(ledger.cursor).to.equal(1);
    expect(nextOpen(ledger, 0)).to.equal(2);
    expect(nextOpen(ledger, 3)).to.equal(4);
    const queue = createQueue(given, ledger);
    queue.offer(2, 'a', 10);
    queue.offer(4, 'b', 10);
    expect(queue.next(ledger, 10)?.places).to.deep.equal([4]);
    expect(queue.next(ledger, 10)).to.equal(null);
    expect(queue.wakeAt(ledger, 10)).to.equal(9_000);
    const again = queue.next(ledger, 9_000);
    expect(again?.places).to.deep.equal([0]);
    if (again) queue.settled(again, null);
    expect(queue.next(ledger, 9_000)?.places).to.deep.equal([2]);
  });

  it('is whole again from an event that carries it, whatever came before', () => {
    const terms = { order: 'skip' as const, concurrency: 3, batchMax: 1, batchWaitMs: 0 };
    const { ledger } = run(terms, ['a', 'b', 'a', 'c'], [true, false], [false]);
    const again = newLedger(-1);
    again.revision = 6;
    const data = { ledger: JSON.parse(JSON.stringify(jsonOfLedger(ledger))) as unknown };
    applyDelivery(again, { type: 'DeliveriesCarriedOver', data }, 0);
    expect(again).to.deep.equal({ ...ledger, revision: 6, carriedAt: 7 });
  });

  it('probes by turns with what was refused and with what was never sent', () => {
    const given = { order: 'none' as const, concurrency: 8, batchMax: 1, batchWaitMs: 0 };
    const ledger = newLedger(-1);
    const queue = createQueue(given, ledger);
    let now = 0;
    const refuse = (sending: Sending): void => {
      const attempt = attemptOf(sending, 'retry', now, now + 7_200_000);
      applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [attempt] } }, now);
      queue.settled(sending, attempt.webhookId, now + 7_200_000);
    };
    for (let place = 0; place < 5; place += 1) queue.offer(place, null, 0);
    const sent = Array.from({ length: 5 }, () => queue.next(ledger, 0) as Sending);
    sent.forEach(refuse);
    const probed = Array.from({ length: 6 }, (_, i) => {
      now = queue.wakeAt(ledger, now);
      if (queue.hasRoom(ledger, now)) queue.offer(5 + i, null, now);
      const sending = queue.next(ledger, now) as Sending;
      refuse(sending);
      return [sending.cause, sending.places[0]];
    });
    expect(probed.filter(([cause]) => cause === 'first')).to.have.length(3);
    const again = probed.filter(([cause]) => cause === 'probe').map(([, place]) => place);
    expect(new Set(again).size).to.equal(3);
  });

  it('probes a dead endpoint with one request at a time, and hurries when it is back', () => {
    const given = { order: 'none' as const, concurrency: 8, batchMax: 1, batchWaitMs: 0 };
    const ledger = newLedger(-1);
    const queue = createQueue(given, ledger);
    for (let place = 0; place < 8; place += 1) queue.offer(place, null, 0);
    const sent = Array.from({ length: 8 }, () => queue.next(ledger, 0) as Sending);
    for (const sending of sent) {
      const attempt = attemptOf(sending, 'retry', 0, 7_200_000);
      applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [attempt] } }, 0);
      queue.settled(sending, attempt.webhookId);
    }
    expect(isOpen(ledger)).to.equal(true);
    expect(queue.hasRoom(ledger, 10)).to.equal(false);
    expect(queue.next(ledger, 10)).to.equal(null);
    const wake = queue.wakeAt(ledger, 10);
    expect(wake).to.equal(5_001);
    const probe = queue.next(ledger, wake) as Sending;
    expect(probe.cause).to.equal('probe');
    expect(queue.next(ledger, wake)).to.equal(null);
    const delivered = attemptOf(probe, 'delivered', wake);
    applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [delivered] } }, wake);
    queue.settled(probe, null);
    queue.hurry();
    const hurried = Array.from({ length: 3 }, () => queue.next(ledger, wake + 2));
    expect(hurried.map((one) => one?.cause ?? null)).to.deep.equal(['retry', 'retry', null]);
  });

  it('goes on with a key when what stood in its way is gone', () => {
    const given = { order: 'block' as const, concurrency: 4, batchMax: 1, batchWaitMs: 0 };
    const ledger = newLedger(-1);
    const queue = createQueue(given, ledger);
    queue.offer(0, 'a', 0);
    queue.offer(1, 'a', 0);
    const sending = queue.next(ledger, 0) as Sending;
    const attempt = attemptOf(sending, 'retry', 0, 900_000);
    applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [attempt] } }, 0);
    queue.settled(sending, attempt.webhookId, 900_000);
    expect(queue.next(ledger, 1)).to.equal(null);
    const range = { first: 0, last: 0, reason: 'expired' as const };
    applyDelivery(ledger, { type: 'DeliveriesPassed', data: { ranges: [range] } }, 2);
    queue.hurry();
    expect(queue.next(ledger, 2)?.places).to.deep.equal([1]);
    expect(queue.held).to.equal(0);
  });

  it('does not look again before what waits may be asked with', () => {
    const ledger = newLedger(-1);
    const queue = createQueue(
      { order: 'none', concurrency: 8, batchMax: 1, batchWaitMs: 0 },
      ledger,
    );
    for (let place = 0; place < 8; place += 1) {
      queue.offer(place, null, 0);
      const sending = queue.next(ledger, 0) as Sending;
      const attempt = { ...attemptOf(sending, 'retry', 0, 900_000), notBefore: 900_000 };
      applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [attempt] } }, 0);
      ledger.endpoint.quietUntil = 0; // it answered something else in the meantime
      queue.settled(sending, attempt.webhookId);
      ledger.endpoint.nextProbe = 0;
    }
    const late = ledger.endpoint.nextProbe + 10_000;
    expect(isOpen(ledger)).to.equal(true);
    expect(queue.next(ledger, late)).to.equal(null);
    expect(queue.wakeAt(ledger, late)).to.equal(900_000);
  });

  it('keeps quiet until the time that the receiver named', () => {
    const ledger = newLedger(-1);
    const queue = createQueue(
      { order: 'none', concurrency: 2, batchMax: 1, batchWaitMs: 0 },
      ledger,
    );
    queue.offer(0, null, 0);
    queue.offer(1, null, 0);
    const sending = queue.next(ledger, 0) as Sending;
    const attempt = { ...attemptOf(sending, 'retry', 0, 60_000), notBefore: 60_000 };
    applyDelivery(ledger, { type: 'DeliveriesAttempted', data: { attempts: [attempt] } }, 0);
    queue.settled(sending, attempt.webhookId);
    expect(queue.next(ledger, 59_999)).to.equal(null);
    expect(queue.wakeAt(ledger, 10)).to.equal(60_000);
    expect(queue.next(ledger, 60_000)?.cause).to.equal('retry');
  });
});
