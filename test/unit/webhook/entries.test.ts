/** Pages of publications on their way from one thread to another. */
import { expect } from 'chai';
import fc from 'fast-check';
import type { Fact } from '../../../domain/fact.js';
import type { TenantId } from '../../../domain/ids.js';
import { type Entry, entryOf, packPage, unpackPage } from '../../../workers/webhook/entries.js';

const optional = fc.option(fc.string({ unit: 'grapheme' }), { nil: undefined });

const facts: fc.Arbitrary<Fact[]> = fc
  .array(
    fc.record({
      id: fc.string({ unit: 'grapheme', minLength: 1 }),
      subject: optional,
      key: optional,
      data: fc.option(fc.jsonValue(), { nil: undefined }),
      dataBase64: fc.option(fc.constant('AP8='), { nil: undefined }),
      named: fc.constantFrom('region', 'data'),
      expires: fc.boolean(),
      traceparent: fc.option(fc.constant('00-1-2-01'), { nil: undefined }),
      isSealed: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  .map((given) =>
    given.map(({ expires, traceparent, isSealed, named, ...told }, revision) => {
      const publication = { source: '/', type: 't', ...told, extensions: { [named]: 'north' } };
      const personal = { subjectKey: '0'.repeat(32), pointers: ['/a'], sealed: 'x' };
      return {
        ...{ id: `e${revision}`, type: 'EventPublished', stream: 'publications-demo.cars' },
        ...{ revision, position: BigInt(revision), recordedAt: 1_000 + revision },
        metadata: { tenant: 'demo' as TenantId, traceparent },
        // As it comes from the log, with nothing that is undefined.
        data: JSON.parse(
          JSON.stringify({
            ...{ partnerId: 'p', publication },
            ...(expires ? { expiresAt: '2026-03-01T12:00:00Z' } : {}),
            ...(isSealed ? { personal } : {}),
          }),
        ) as unknown,
      } as unknown as Fact;
    }),
  );

/** All that anybody asks of it. */
const seen = (entry: Entry) => ({
  place: entry.place,
  eventId: entry.eventId,
  recordedAt: entry.recordedAt,
  expiresAt: entry.expiresAt,
  traceparent: entry.traceparent,
  key: entry.attributes.key,
  subject: entry.attributes.subject,
  extensions: entry.attributes.extensions,
  publication: entry.publication,
  structured: entry.structured?.toString() ?? null,
  sealed: entry.sealed,
});

describe('a page of publications', () => {
  it('is the same when it was packed for another thread', () => {
    fc.assert(
      fc.property(facts, (given) => {
        const page = packPage(given);
        const handedOver = structuredClone(page, { transfer: [page.bytes] });
        const entries = unpackPage(handedOver).sort((one, other) => one.place - other.place);
        expect(entries.map(seen)).to.deep.equal(given.map(entryOf).map(seen));
      }),
      { numRuns: 500 },
    );
  });
});
