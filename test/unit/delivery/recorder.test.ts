/** What is told about deliveries, on its way into the log. */
import { expect } from 'chai';
import { webhookIdOf } from '../../../commands/delivery/webhookId.js';
import { inFull } from '../../../domain/delivery/attempts.js';
import { type Attempt, DeliveriesPassed } from '../../../domain/delivery/events.js';
import { newLedger } from '../../../domain/delivery/ledger.js';
import type { TenantId } from '../../../domain/ids.js';
import { createMemoryLog } from '../../../platform/memory/log.js';
import { createRecorder } from '../../../workers/webhook/recorder.js';

const stream = 'deliveries-demo.sub_1';

describe('the record of deliveries', () => {
  it('is cut into events that an append can hold, however much was passed over', async () => {
    const log = createMemoryLog(() => 0);
    const recorder = createRecorder({
      ...{ log, stream, tenant: 'demo' as TenantId, ledger: newLedger(-1), owner: 'me' },
      ...{ now: () => 0, onOrders: () => undefined },
    });
    const count = 20_000;
    // Every other one, so that they do not make up one range.
    for (let i = 0; i < count; i += 1) recorder.passed(2 * i, 2 * i, 'filtered');
    expect(recorder.isIdle).to.equal(false);
    expect(await recorder.flush(false)).to.equal(true);
    expect(recorder.isIdle).to.equal(true);
    const passed = log.facts.filter(({ type }) => type === DeliveriesPassed.type);
    for (const { data } of passed) expect(JSON.stringify(data).length).to.be.below(300_000);
    const ranges = passed.flatMap(({ data }) => (data as { ranges: { first: number }[] }).ranges);
    expect(ranges.map(({ first }) => first)).to.deep.equal(
      Array.from({ length: count }, (_nothing, i) => 2 * i),
    );
  });

  it('tells of many attempts in events that an append can hold, each of them readable by itself', async () => {
    const log = createMemoryLog(() => 0);
    const recorder = createRecorder({
      ...{ log, stream, tenant: 'demo' as TenantId, ledger: newLedger(-1), owner: 'me' },
      ...{ now: () => 0, onOrders: () => undefined },
    });
    const attemptOf = (place: number): Attempt => ({
      ...{
        webhookId: webhookIdOf(stream, [place]),
        places: [place],
        ids: [`\u0001выбор-${place}`.repeat(9)],
      },
      ...{ attempt: 1, cause: 'first', startedAt: place, ms: 1, outcome: 'delivered', status: 200 },
      request: { url: 'https://bank.example/', headers: ['webhook-id'], bytes: 100 },
      // Control characters, six times as long when they are stored.
      response: { headers: {}, body: '\u0001'.repeat(place % 100 === 0 ? 20_000 : 10) },
    });
    const given = Array.from({ length: 2_000 }, (_nothing, place) => attemptOf(place));
    for (const attempt of given) recorder.attempted(attempt);
    expect(await recorder.flush(false)).to.equal(true);
    const told = log.facts.map(({ data }) => data as { attempts: Attempt[] });
    expect(told.length).to.be.greaterThan(5);
    for (const data of told) expect(JSON.stringify(data).length).to.be.below(260_000);
    expect(told.flatMap(({ attempts }) => inFull(attempts))).to.deep.equal(given);
  });
});
