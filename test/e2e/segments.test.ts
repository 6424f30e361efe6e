/** Segments of a running product from the command line: a list from a file, resumed, and a refresh. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { kopilka, linesOf } from './cli/kopilka.js';

type Json = Record<string, unknown>;

describe('segments from the command line', function () {
  this.timeout(180_000);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let dataDir: string;
  let operator: string;
  const users: string[] = [];

  const send = async (
    method: string,
    path: string,
    token: string,
    sent?: object,
  ): Promise<Json> => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(sent && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
      },
      ...(sent && { body: JSON.stringify(sent) }),
      signal: AbortSignal.timeout(30_000),
    });
    const body = (await response.json()) as Json;
    expect(response.status, JSON.stringify(body)).to.be.lessThan(300);
    return body;
  };

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    dataDir = cleanup.folder('segments');
    product = await startProduct({ dataDir, cleanup });
    const { login, password } = product.operator;
    const logon = { tenant: 'demo', login, password };
    operator = String((await send('POST', '/pos/v1/logon', '', logon))['token']);
    for (let n = 0; n < 3; n += 1) {
      const made = await send('POST', '/pos/v1/users', product.tillToken, {
        name: `Customer ${n}`,
      });
      users.push(String(made['userId']));
    }
    for (const [segmentId, definition] of [
      ['pilot', { kind: 'static' }],
      ['idle', { kind: 'dynamic', when: { kind: 'purchases', max: 0 } }],
    ] as const) {
      const body = { segmentId, name: segmentId, definition };
      await send('POST', '/admin/v1/segments', operator, body);
    }
  });
  after(async () => {
    await cleanup?.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('fill a list from a file, name what was left out, and put nobody on it twice', async () => {
    const file = join(dataDir, 'customers.csv');
    const lines = ['userId', users[0], 'junk', users[1]];
    writeFileSync(file, lines.join('\n'));
    const args = ['segments', 'import', 'pilot', file, '--data', dataDir, '--json'];
    const first = await kopilka(...args);
    expect(first.code, first.err).to.equal(1);
    const done = JSON.parse(first.out) as { rejects: string };
    expect(done).to.include({ line: 4, added: 2, rejected: 1, members: 2, finished: true });
    expect(linesOf(readFileSync(done.rejects, 'utf8'))).to.deep.equal([
      { line: 3, userId: 'junk', reason: 'invalid-user-id' },
    ]);
    const resumed = await kopilka(...args);
    expect(resumed.err).to.include('Going on after line 4');
    const again = await kopilka(...args, '--restart');
    expect(JSON.parse(again.out)).to.include({ added: 0, already: 2, rejected: 1, members: 2 });
    const computed = await kopilka('segments', 'import', 'idle', file, '--data', dataDir);
    expect(computed.code).to.equal(4);
  });

  it('bring a segment up to date', async () => {
    const { code, out, err } = await kopilka('segments', 'refresh', 'idle', '--data', dataDir);
    expect(code, err).to.equal(0);
    expect(out).to.match(/^idle: [34] came, 0 moved, 0 went\.\n$/);
    const path = `/admin/v1/customers/${users[2]}/segments`;
    expect((await send('GET', path, operator))['items']).to.deep.equal(['idle']);
  });
});
