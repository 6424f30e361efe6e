/** The store of documents before it is needed: what searches are told while the log is looked through. */
import { expect } from 'chai';
import { createAttemptSearches, createSearches } from '../../../platform/compose/searches.js';
import { type Documents, openDocuments } from '../../../platform/compose/documents.js';
import { createLogger } from '../../../platform/logging.js';
import { createMetrics } from '../../../platform/metrics.js';
import { DocumentsNotReady } from '../../../projections/documents/reading.js';
import { readDocumentStatus } from '../../../projections/documents/status.js';
import type { FeedItem } from '../../../projections/feed.js';

describe('the embedded store of documents after a start', () => {
  let documents: Documents;
  let tell: (item: FeedItem) => void;

  beforeEach(() => {
    const items: FeedItem[] = [];
    let wake = (): void => undefined;
    tell = (item) => {
      items.push(item);
      wake();
    };
    documents = openDocuments({
      config: { mongodbUrl: '' },
      connectionString: 'esdb://127.0.0.1:1',
      feed: {
        head: async () => null,
        subscribe: async function* ({ signal }) {
          signal.addEventListener('abort', () => wake(), { once: true });
          while (!signal.aborted) {
            yield* items.splice(0);
            if (items.length === 0) await new Promise<void>((resolve) => (wake = resolve));
          }
        },
      },
      logger: createLogger({ logLevel: 'silent', logFormat: 'json', logFile: '' }),
      metrics: createMetrics(),
      ...{ answers: true, fills: true, gates: false, patienceMs: 40 },
    });
  });
  afterEach(() => documents.stop());

  const searches = () => [
    createSearches(documents).publications({} as never),
    createAttemptSearches(documents).attempts({} as never),
  ];

  it('answers nobody before it knows whether there is anything, and lets them wait', async () => {
    tell({ kind: 'checkpoint', position: 7n });
    for (const search of await Promise.allSettled(searches())) {
      expect(search).to.have.property('reason').that.is.instanceOf(DocumentsNotReady);
    }
    expect(documents.isLooking()).to.equal(true);
    const [first] = await readDocumentStatus(null, 'looking');
    expect(first?.status).to.equal('looking');
  });

  it('answers those who wait as soon as it knows that there is nothing', async () => {
    const waiting = searches();
    tell({ kind: 'caughtUp' });
    for (const search of waiting) expect((await search).rows).to.deep.equal([]);
  });

  it('has nothing to find once it has looked and there is nothing', async () => {
    tell({ kind: 'caughtUp' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(documents.isLooking()).to.equal(false);
    for (const search of searches()) expect((await search).rows).to.deep.equal([]);
  });
});
