/**
 * A product with a history: the whole Online Retail file, imported with the product's own command as its user would, or, where
 * KOPILKA_DATA_DIR names no folder with that file, purchases made up and confirmed over the API, which is then said.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunOptions } from '../bench.js';
import { receipts } from '../load/receipts.js';
import { cliMain, type Product, startProduct } from './product.js';
import { customers, openShop, type Shop } from './shop.js';

export interface Filled {
  readonly product: Product;
  readonly shop: Shop;
  /** Whose receipts lie in it: an import makes a programme of its own. */
  readonly tenant: string;
  /** What lies in it, for people. */
  readonly content: string;
  readonly seconds: number;
}

const onlineRetailTenant = 'onlineretail';
const importDeadlineMs = 900_000;
const drainDeadlineMs = 300_000;

const onlineRetail = (): string | null => {
  const folder = process.env['KOPILKA_DATA_DIR'];
  const file = folder ? join(folder, 'online-retail.csv.gz') : '';
  return file !== '' && existsSync(file) ? file : null;
};

const importFile = async (file: string, product: Product, cleanup: RunOptions['cleanup']) => {
  const args = ['import', 'receipts', file, '--format', 'online-retail', '--data', product.dataDir];
  const child = spawn(process.execPath, ['--enable-source-maps', cliMain, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production' },
    timeout: importDeadlineMs,
  });
  cleanup.add(() => void child.kill('SIGKILL'));
  let said = '';
  const keep = (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the import ended with ${code}:\n${said}`);
};

const makeUp = async (shop: Shop, count: number): Promise<void> => {
  const users = customers(Math.ceil(count / 5));
  await shop.enrol(users);
  const source = receipts({ users, series: 'made-up', seed: 1 });
  let left = count;
  const lane = async (): Promise<void> => {
    while ((left -= 1) >= 0) {
      const { userId, body } = source.next().value;
      await shop.confirm(userId, body);
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
};

export const startFilled = async (label: string, options: RunOptions): Promise<Filled> => {
  const { cleanup, say, quick, profileDir } = options;
  const product = await startProduct({ dataDir: cleanup.folder(label), cleanup, profileDir });
  const shop = await openShop(product, cleanup);
  const file = quick ? null : onlineRetail();
  const started = performance.now();
  let content = 'the whole of Online Retail';
  if (file) {
    say(`importing ${file}`);
    await importFile(file, product, cleanup);
  } else {
    const count = quick ? 500 : 20_000;
    content = `${count} made-up purchases of 5 lines (KOPILKA_DATA_DIR was not used)`;
    say(`filling it with ${content}`);
    await makeUp(shop, count);
  }
  await shop.untilApplied(drainDeadlineMs);
  const tenant = file ? onlineRetailTenant : shop.session.tenant;
  return { product, shop, tenant, content, seconds: (performance.now() - started) / 1000 };
};
