/** The thread beside, as it reads a real log. */
import { expect } from 'chai';
import { publicationsStream } from '../../../domain/publication/publication.js';
import { openPublicationPages } from '../../../platform/compose/publicationPages.js';
import { entryOf } from '../../../workers/webhook/entries.js';
import { type Exchange, startExchange, tenant, topicId } from './exchange.js';

describe('pages of publications that are read beside', function () {
  this.timeout(60_000);
  let exchange: Exchange;
  before(async () => {
    exchange = await startExchange();
  });
  after(() => exchange.stop());

  const stream = publicationsStream(tenant, topicId);
  before(() =>
    exchange.publish(
      Array.from({ length: 300 }, (_, i) => ({
        ...{ id: `choice-${i}`, source: '/', type: 'chosen', key: `k${i % 3}`, data: { i } },
      })),
    ),
  );

  const isThatOfTheLog = async (connectionString: string): Promise<void> => {
    let here = 0;
    const pages = openPublicationPages({
      settings: { connectionString },
      readHere: async (of, first, count) => {
        here += 1;
        return (await exchange.log.read(of, first, count)).map(entryOf);
      },
      onFailed: (error) => expect.fail(String(error)),
    });
    try {
      const direct = await pages.read(stream, 20, 256);
      let beside = direct;
      const giveUpAt = performance.now() + 20_000;
      for (let seen = -1; seen !== here && performance.now() < giveUpAt;) {
        seen = here;
        await new Promise((resolve) => setTimeout(resolve, 20));
        beside = await pages.read(stream, 20, 256);
      }
      const textOf = (page: typeof direct) =>
        page.map(({ place, structured, publication }) => [place, String(structured), publication]);
      expect(textOf(beside)).to.deep.equal(textOf(direct));
      expect(beside).to.have.length(256);
      const reads = here;
      expect(await pages.read(stream, 290, 256)).to.have.length(10);
      expect(await pages.read('publications-demo.nobody', 0, 256)).to.have.length(0);
      expect(here).to.equal(reads);
    } finally {
      await pages.close();
    }
  };

  it('are those of the log', () => isThatOfTheLog(exchange.settings.connectionString));

  it('are those of the log where only the client can read them', () =>
    isThatOfTheLog(`${exchange.settings.connectionString}&connectionName=pages`));
});
