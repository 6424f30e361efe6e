/** What is told about deliveries, on its way into the log. */
import { expect } from 'chai';
import { DeliveriesPassed } from '../../../domain/delivery/events.js';
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
});
