/** Pages that are read in a thread beside: when it is asked, and what becomes of those who wait when it is gone. */
import { expect } from 'chai';
import type { Fact } from '../../../domain/fact.js';
import {
  openPublicationPages,
  type PublicationPages,
} from '../../../platform/compose/publicationPages.js';
import { entryOf } from '../../../workers/webhook/entries.js';

const stream = 'publications-demo.cars';
const factOf = (revision: number): Fact =>
  ({
    ...{ id: `e${revision}`, type: 'EventPublished', stream, revision, recordedAt: 0 },
    ...{ position: BigInt(revision), metadata: { tenant: 'demo' } },
    data: { partnerId: 'p', publication: { id: `c${revision}`, source: '/', type: 't' } },
  }) as unknown as Fact;

const entries = new URL('../../../workers/webhook/entries.js', import.meta.url).href;
/** Of a thread that answers with `answer`, of what it was asked. */
const programOf = (answer: string): URL =>
  new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { parentPort } from 'node:worker_threads';
      const { packPage } = await import(${JSON.stringify(entries)});
      const factOf = (revision) => ({
        revision, recordedAt: 0, metadata: {},
        data: { publication: { id: 'beside' + revision, source: '/', type: 't' } },
      });
      parentPort.on('message', ({ id, first }) => { ${answer} });
      parentPort.postMessage({ kind: 'ready' });
    `)}`,
  );
const answers = `parentPort.postMessage({ kind: 'page', id, page: packPage([factOf(first)]) });`;

describe('pages that are read beside', () => {
  let pages: PublicationPages;
  let failures: unknown[];
  afterEach(() => pages.close());

  const open = (program: URL): void => {
    failures = [];
    pages = openPublicationPages({
      settings: { connectionString: 'esdb://127.0.0.1:1' },
      readHere: async (_stream, first) => [entryOf(factOf(first))],
      onFailed: (error) => failures.push(error),
      program,
    });
  };
  const idAt = async (place: number) => (await pages.read(stream, place, 1))[0]?.eventId;
  /** By the thread, or whatever it said. */
  const answerOf = async (place: number): Promise<string | undefined> => {
    const giveUpAt = performance.now() + 10_000;
    for (;;) {
      const told = await idAt(place).catch((error: Error) => error.message);
      if (told !== `c${place}` || performance.now() > giveUpAt) return told;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  it('are read here until the thread is there, and then by it', async () => {
    open(programOf(answers));
    expect(await idAt(7)).to.equal('c7');
    expect(await answerOf(7)).to.equal('beside7');
    expect(await Promise.all([idAt(8), idAt(9)])).to.deep.equal(['beside8', 'beside9']);
    await pages.close();
    expect(await idAt(7)).to.equal('c7');
    expect(failures).to.deep.equal([]);
  });

  it('are read here where the thread cannot, and for a while after it', async () => {
    open(
      programOf(
        `if (first === 3) parentPort.postMessage({ kind: 'failed', id, message: 'away' }); else ${answers}`,
      ),
    );
    expect(await answerOf(1)).to.equal('beside1');
    const told = await Promise.all([3, 4].map((place) => idAt(place).catch(String)));
    expect(told).to.deep.equal(['c3', 'beside4']);
    expect(failures.map(String)).to.deep.equal(['Error: away']);
    expect(await idAt(5), 'for a while').to.equal('c5');
  });

  it('are read here for a while when the thread ended by itself', async () => {
    open(programOf(`if (first === 3) process.exit(5); else ${answers}`));
    expect(await answerOf(1)).to.equal('beside1');
    expect(await idAt(3)).to.equal('c3');
    expect(failures.map(String)).to.deep.equal(['Error: the thread of pages ended with code 5']);
    expect(await idAt(4)).to.equal('c4');
  });

  it('are read here where the thread cannot begin, which is told once and not tried each time', async () => {
    open(new URL('data:text/javascript,process.exit(3)'));
    const giveUpAt = performance.now() + 10_000;
    while (failures.length === 0 && performance.now() < giveUpAt) {
      expect(await idAt(1)).to.equal('c1');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (let i = 0; i < 40; i += 1) {
      expect(await idAt(2)).to.equal('c2');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(failures.map(String)).to.deep.equal(['Error: the thread of pages ended with code 3']);
  });
});
