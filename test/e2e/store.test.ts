/**
 * A shop lost and restored: exported while it sells, imported on another machine's folder. Tills, positions and names must work there
 * as if nothing had happened.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { demoUserId } from '../../platform/compose/bootstrap.js';
import { kopilka } from './cli/kopilka.js';

describe('a shop that is restored from its backup', function () {
  this.timeout(180_000);

  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let tillToken: string;
  let files: { readonly log: string; readonly keys: string };

  before(() => {
    cleanup = createCleanup((error) => faults.push(error));
  });
  after(async () => {
    await cleanup.run();
    expect(faults, 'faults of the clean-up').to.be.empty;
  });

  const call = async <Body>(
    { url }: Product,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Body }> => {
    const ask = () =>
      fetch(`${url}/pos/v1${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${tillToken}`,
          'content-type': 'application/json',
          ...(path === '/users' && { 'idempotency-key': 'enrol-ann' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(20_000),
      });
    let response = await ask();
    const giveUpAt = performance.now() + 60_000;
    // A read model that is not as far in time says to come again.
    while (response.status === 503 && !body && performance.now() < giveUpAt) response = await ask();
    return { status: response.status, body: (await response.json()) as Body };
  };
  const purchase = (purchaseId: string) => ({
    purchaseId,
    lines: [{ productId: 'coffee', quantity: 2, price: 350 }],
  });
  const purchases = `/users/${demoUserId}/purchases`;
  const balanceAt = (product: Product, position: string) =>
    call<{ balance: unknown }>(product, `/users/${demoUserId}/balance?minPosition=${position}`);

  it('has its tokens, positions, receipts and names', async () => {
    const folder = cleanup.folder('store-lost');
    const lost = await startProduct({ dataDir: folder, cleanup });
    ({ tillToken } = lost);
    files = { log: join(folder, 'log.ndjson.gz'), keys: join(folder, 'kopilka.keys') };
    const ann = { name: 'Ann Smith', phone: '+442079460018' };
    const enrolled = await call<{ userId: string; position: string }>(lost, '/users', ann);
    expect(enrolled.status).to.equal(201);
    const sold = await call<{ position: string }>(lost, purchases, purchase('R1'));
    expect(sold.status).to.be.oneOf([200, 201]);
    const { position } = sold.body;
    const before = await balanceAt(lost, position);

    const exported = await kopilka(
      ...['store', 'export', files.log, '--keys', files.keys, '--data', folder, '--json'],
    );
    expect(exported.code, exported.err).to.equal(0);
    expect((JSON.parse(exported.out) as { keys: object }).keys).to.include({ tenants: 1 });
    expect(statSync(files.keys).mode & 0o777).to.equal(0o600);
    const refused = await kopilka('store', 'import', files.log, '--data', folder);
    expect(refused.code).to.equal(4);
    expect(refused.err).to.match(/Kopilka runs on .*\nStop it first/);
    await lost.stop();

    const elsewhere = cleanup.folder('store-restored');
    const args = ['store', 'import', files.log, '--keys', files.keys, '--data', elsewhere];
    const imported = await kopilka(...args);
    expect(imported.code, imported.err).to.equal(0);
    expect(imported.out).to.match(/Keys of \d+ people and 1 programmes are back/);

    const restored = await startProduct({ dataDir: elsewhere, cleanup });
    expect(await balanceAt(restored, position)).to.deep.equal(before);
    const again = await call<{ position: string }>(restored, purchases, purchase('R1'));
    expect(again.body.position).to.equal(position);
    const query = `?phone=${encodeURIComponent(ann.phone)}&minPosition=${enrolled.body.position}`;
    const found = await call<{ items: { userId: string; person: object }[] }>(
      restored,
      `/users${query}`,
    );
    expect(found.body.items[0]?.userId).to.equal(enrolled.body.userId);
    expect(found.body.items[0]?.person).to.include({ name: ann.name });
    const next = await call<{ position: string }>(restored, purchases, purchase('R2'));
    expect(BigInt(next.body.position) > BigInt(position)).to.equal(true);
    const verified = await kopilka('verify', 'balances', '--data', elsewhere);
    expect(verified.code, verified.out).to.equal(0);
    await restored.stop();
  });
});
