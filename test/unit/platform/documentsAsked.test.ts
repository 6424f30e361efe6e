/** Searches wait for documents that are being filled, for a while, and then say how far they are. */
import { expect } from 'chai';
import type { Db } from 'mongodb';
import { createAskAtOnce, createAskDocuments } from '../../../platform/compose/documentsAsked.js';
import { DocumentsNotReady } from '../../../projections/documents/reading.js';

const db = {} as Db;
const never = new AbortController().signal;
const asking = (patienceMs: number, stopping = never) =>
  createAskDocuments({ db: async () => db, head: async () => 1_000n, stopping, patienceMs });

describe('a question to documents that are being filled', () => {
  it('is answered once they are', async () => {
    let asked = 0;
    const answer = await asking(2_000)(async () => {
      asked += 1;
      if (asked < 3) throw new DocumentsNotReady('messages', 1n);
      return 'found';
    });
    expect(answer).to.equal('found');
  });

  it('is refused after a while, with how far they are and when to ask again', async () => {
    let position = 200n;
    const error = await asking(60)(async () => {
      throw new DocumentsNotReady('messages', (position += 20n));
    }).catch((failure: unknown) => failure);
    const { outlook, message } = error as DocumentsNotReady;
    expect(outlook?.percent).to.be.within(22, 99);
    expect(outlook?.retryAfterSeconds).to.be.within(1, 60);
    expect(message).to.match(/^messages is being filled from the log \(\d+ % so far\): ask again/);
  });

  it('is told to come again soon where nothing is known of how fast they come on', async () => {
    const error = await asking(30)(async () => {
      throw new DocumentsNotReady('messages', 500n);
    }).catch((failure: unknown) => failure);
    expect((error as DocumentsNotReady).outlook).to.deep.equal({
      percent: 50,
      retryAfterSeconds: 1,
    });
  });

  it('waits for nothing where the process stops, another error came, or nobody wants it to', async () => {
    const stopping = new AbortController();
    stopping.abort();
    const notReady = () => Promise.reject(new DocumentsNotReady('messages'));
    const broken = () => Promise.reject(new Error('broken'));
    const failures = await Promise.allSettled([
      asking(60_000, stopping.signal)(notReady),
      asking(60_000)(broken),
      createAskAtOnce({ db: async () => db })(notReady),
    ]);
    expect(failures.map((one) => one.status === 'rejected' && String(one.reason))).to.deep.equal([
      'DocumentsNotReady: messages is being filled from the log: ask again in a moment.',
      'Error: broken',
      'DocumentsNotReady: messages is being filled from the log: ask again in a moment.',
    ]);
  });
});
