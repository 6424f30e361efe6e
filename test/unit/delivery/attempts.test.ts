/** Attempts as events tell them, and in full. */
import { expect } from 'chai';
import fc from 'fast-check';
import { abbreviated, inFull } from '../../../domain/delivery/attempts.js';
import type { Attempt } from '../../../domain/delivery/events.js';

const headers = ['content-type', 'webhook-id'];
const url = 'https://bank.example/hooks/cars';

const responses = fc.option(
  fc.record(
    {
      headers: fc.dictionary(fc.constantFrom('date', 'server', 'x-id'), fc.constantFrom('1', '2')),
      body: fc.constantFrom('ok', 'yes'),
      truncated: fc.constant(true as const),
    },
    { requiredKeys: ['headers'] },
  ),
  { nil: undefined },
);

const attempts: fc.Arbitrary<Attempt> = fc
  .record(
    {
      webhookId: fc.constantFrom('msg_0000000000000000000001', 'msg_0000000000000000000002'),
      places: fc.array(fc.nat(9), { minLength: 1, maxLength: 3 }),
      ids: fc.constantFrom<string[]>(['a'], ['b']),
      attempt: fc.constantFrom(1, 1, 1, 2),
      cause: fc.constantFrom('first' as const, 'first' as const, 'replay' as const),
      startedAt: fc.nat(1_000),
      ms: fc.nat(50),
      outcome: fc.constantFrom('delivered' as const, 'delivered' as const, 'retry' as const),
      next: fc.nat(9),
      lane: fc.constantFrom('l1', 'l2'),
      status: fc.constantFrom(200, 200, 204),
      request: fc.record({
        url: fc.constantFrom(url, url, `${url}/2`),
        headers: fc.constantFrom(headers, [...headers], ['content-type']),
        bytes: fc.nat(9),
      }),
    },
    {
      requiredKeys: [
        ...(['webhookId', 'places', 'ids', 'attempt', 'cause', 'startedAt', 'ms'] as const),
        ...(['outcome', 'request'] as const),
      ],
    },
  )
  .chain((attempt) =>
    responses.map((response) => {
      const { next, ...delivered } = attempt;
      const own = attempt.outcome === 'delivered' ? delivered : { ...delivered, next: next ?? 1 };
      return response ? { ...own, response } : own;
    }),
  ) as fc.Arbitrary<Attempt>;

const toldOf = (given: readonly Attempt[]) =>
  given.map((one, index) => abbreviated(one, given[index - 1]));

const attempt: Attempt = {
  ...{ webhookId: 'msg_0000000000000000000001', places: [1], ids: ['a'], attempt: 1 },
  ...{ cause: 'first', startedAt: 5, ms: 1, outcome: 'delivered', status: 200 },
  request: { url, headers, bytes: 9 },
  response: { headers: { date: '1' } },
};

describe('attempts as events tell them', () => {
  it('are the same in full, whatever came before each', () => {
    fc.assert(
      fc.property(fc.array(attempts, { maxLength: 12 }), (given) => {
        // As the log has them, with nothing that is undefined.
        const stored = JSON.parse(JSON.stringify(toldOf(given))) as ReturnType<typeof toldOf>;
        expect(inFull(stored)).to.deep.equal(given);
      }),
      { numRuns: 2_000 },
    );
  });

  it('say once what is the same of those that were delivered', () => {
    const next = { ...attempt, places: [2], startedAt: 6, response: { headers: { date: '1' } } };
    expect(toldOf([attempt, next])[1]).to.deep.equal({
      ...{ webhookId: attempt.webhookId, places: [2], ids: ['a'], startedAt: 6, ms: 1, bytes: 9 },
    });
  });

  it('are told in full where one failed', () => {
    const failed: Attempt = { ...attempt, outcome: 'retry', next: 9 };
    expect(toldOf([attempt, failed, attempt])).to.deep.equal([attempt, failed, attempt]);
  });

  it('cannot begin with one that is told as another', () => {
    const [, alike] = toldOf([attempt, attempt]);
    expect(() => inFull(alike ? [alike] : [])).to.throw(/is told as another that is not there/);
  });
});
