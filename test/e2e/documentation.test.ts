/**
 * The documentation in a real browser: it draws, obeys its own strict policy, takes a token, sends a request, has a dark side.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { expect } from 'chai';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';

const candidates = [
  process.env['KOPILKA_CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const executablePath = candidates.find((path) => path !== '' && existsSync(path));
const works = executablePath && spawnSync(executablePath, ['--version']).status === 0;

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

describe(`the documentation in the browser${works ? '' : ' (pending: no Chromium here)'}`, function () {
  this.timeout(240_000);
  const faults: unknown[] = [];
  const complaints: string[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let browser: Browser;
  let page: Page;

  before(async function () {
    if (!works) return this.skip();
    cleanup = createCleanup((error) => faults.push(error));
    product = await startProduct({ dataDir: cleanup.folder('docs'), cleanup });
    browser = await chromium.launch({ executablePath: executablePath as string, args: flags });
    page = await browser.newPage({ viewport: { width: 1280, height: 1000 } });
    page.setDefaultTimeout(90_000);
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${product.url}/docs`);
    await page.waitForSelector('.opblock');
  });
  after(async () => {
    await browser?.close();
    await cleanup?.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  const shoot = async (name: string): Promise<void> => {
    const folder = process.env['KOPILKA_SCREENSHOTS'];
    if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
  };

  it('shows every route', async () => {
    const document = (await (await fetch(`${product.url}/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    const operations = Object.values(document.paths).flatMap((methods) => Object.keys(methods));
    await shoot('docs-light');
    // Of a long list the page draws what is in view: it is scrolled through.
    const seen = new Set<string>();
    const look = async (): Promise<void> => {
      const shown = page.locator('.opblock-summary');
      for (const text of await shown.allTextContents()) if (text) seen.add(text);
    };
    const giveUpAt = performance.now() + 90_000;
    // On a busy machine a place may be left before it is drawn: it is come by again.
    for (let top = 0; seen.size < operations.length; top = (top + 500) % 40_000) {
      if (performance.now() > giveUpAt) break;
      await page.evaluate(`window.scrollTo(0, ${top})`);
      await page.waitForTimeout(60);
      await look();
    }
    expect(seen.size).to.equal(operations.length);
  });

  it('draws without breaking its own content policy', () => {
    expect(complaints).to.deep.equal([]);
  });

  it('sends a request with a till token', async () => {
    await page.locator('button.authorize').first().click();
    await page.locator('.auth-container input').first().fill(product.tillToken);
    await page.locator('.auth-container button[type=submit]').first().click();
    await page.locator('.btn-done').first().click();
    await page.evaluate('window.scrollTo(0, 0)');
    await page.locator('.operation-filter-input').fill('/pos/v1/logon');
    const route = page.locator('.opblock', { has: page.locator('[data-path="/pos/v1/logon"]') });
    const whoAmI = route.and(page.locator('.opblock-get'));
    await whoAmI.locator('.opblock-summary-control').click();
    await whoAmI.locator('button.execute').click();
    const status = whoAmI.locator('.live-responses-table .response-col_status').last();
    await status.waitFor();
    expect(await status.textContent()).to.match(/^200/);
    const body = await whoAmI
      .locator('.live-responses-table .highlight-code')
      .first()
      .textContent();
    expect(body).to.include('demo').and.not.to.include(product.tillToken);
    await shoot('docs-tried');
  });

  it('has a dark and a light side', async () => {
    const colour = () =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await colour();
    await page.locator('#theme').click();
    const dark = await colour();
    expect(dark).to.not.equal(light);
    await shoot('docs-dark');
    // Not until every route is drawn again, which takes its time: the colour is there before the first of them.
    await page.reload({ waitUntil: 'domcontentloaded' });
    expect(await colour(), 'the choice is kept').to.equal(dark);
  });
});
