import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { csvOf } from '../../../api/admin/codesFile.js';
import { exportCodes, giftCardNumbers } from '../../../cli/coupons/exportCodes.js';
import { Failure } from '../../../cli/failure.js';
import type { Session } from '../../../cli/http/session.js';
import { prfOf } from '../../../commands/coupon/keys.js';
import { seriesCodes } from '../../../domain/coupon/codes.js';
import { failure } from '../commands/failure.js';

const codes = seriesCodes(1, prfOf(Buffer.alloc(32, 7)));
const csv = async (from: number, count: number, ofCards = false): Promise<string> => {
  let text = '';
  const naming = ofCards ? { header: 'card,number', prefix: 'books:' } : undefined;
  for await (const piece of csvOf(codes, from, count, naming)) text += piece;
  return text;
};

describe('exporting codes', () => {
  let folder: string;
  let file: string;
  let issued: number;
  let asked: { from: number; count: number }[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kopilka-codes-'));
    file = join(folder, 'codes.csv');
    issued = 120_000;
    asked = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const session = {
    get: async (path: string, query?: { from: number; count: number }) => {
      if (!path.endsWith('.csv') || !query) return { issued };
      asked.push(query);
      return csv(query.from, query.count, path === '/admin/v1/gift-card-series/books/numbers.csv');
    },
    send: async ({ body }: { body: { count: number } }) => {
      issued += body.count;
      return { status: 201, body: {}, position: null };
    },
  } as unknown as Pick<Session, 'get' | 'send'>;
  const run = (
    changes: Partial<Parameters<typeof exportCodes>[1]> = {},
    onProgress: (done: number, all: number) => void = () => undefined,
  ) =>
    exportCodes(session, {
      ...{ seriesId: 'welcome', file, from: 0, issue: false, onProgress },
      ...{ signal: new AbortController().signal, ...changes },
    });

  it('writes all that are issued, and tells how far it is', async () => {
    const told: number[][] = [];
    expect(await run({}, (done, all) => told.push([done, all]))).to.equal(120_000);
    expect(readFileSync(file, 'utf8')).to.equal(await csv(0, 120_000));
    expect(told).to.deep.equal([0, 50_000, 100_000, 120_000].map((done) => [done, 120_000]));
    expect(existsSync(`${file}.part`)).to.equal(false);
    expect(statSync(file).mode & 0o777).to.equal(0o600);
  });

  it('stops when it is told to, and goes on to the very same file', async () => {
    const stopping = new AbortController();
    const stopped = run({ signal: stopping.signal }, (done) => {
      if (done > 0) stopping.abort();
    });
    await failure(stopped);
    expect(existsSync(file)).to.equal(false);
    // As if the disk had been full in the middle of a line.
    appendFileSync(`${file}.part`, '50000,00');
    asked = [];
    expect(await run()).to.equal(120_000);
    expect(asked[0]).to.deep.equal({ from: 50_000, count: 50_000 });
    expect(readFileSync(file, 'utf8')).to.equal(await csv(0, 120_000));
  });

  it('begins where it is told to', async () => {
    expect(await run({ from: 7, count: 3 })).to.equal(3);
    expect(readFileSync(file, 'utf8')).to.equal(await csv(7, 3));
  });

  it('issues what is missing only where it is asked to', async () => {
    const refused = await failure(run({ count: 120_001 }));
    expect(refused).to.be.instanceOf(Failure).with.property('advice', 'Add --issue to issue them.');
    expect(await run({ count: 120_001, issue: true })).to.equal(120_001);
    expect(issued).to.equal(120_001);
  });

  it('writes numbers of gift cards in the same way', async () => {
    const cards = { of: giftCardNumbers, seriesId: 'books' };
    const stopping = new AbortController();
    const stopped = run({ ...cards, signal: stopping.signal }, (done) => {
      if (done > 0) stopping.abort();
    });
    await failure(stopped);
    expect(await run({ ...cards, count: 120_010, issue: true })).to.equal(120_010);
    expect(readFileSync(file, 'utf8')).to.equal(await csv(0, 120_010, true));
    expect(asked.map(({ from }) => from)).to.deep.equal([0, 50_000, 100_000]);
  });

  it('touches no file of others', async () => {
    writeFileSync(file, 'mine');
    expect(await failure(run())).to.be.instanceOf(Failure);
    rmSync(file);
    writeFileSync(`${file}.part`, 'somebody else wrote this and it is none of ours');
    expect(await failure(run())).to.be.instanceOf(Failure);
    writeFileSync(`${file}.part`, await csv(5, 10));
    expect(await failure(run({ from: 0 }))).to.be.instanceOf(Failure);
    expect(existsSync(file)).to.equal(false);
  });
});
