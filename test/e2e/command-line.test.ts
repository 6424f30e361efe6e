/**
 * The command line over a running server, on a small file of made-up receipts: an import and its repeats, the read models, the
 * history. The real files are imported where KOPILKA_DATA_DIR names them.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../bench/cleanup.js';
import { type Product, startProduct } from '../../bench/product/product.js';
import { packageRoot } from '../../platform/packageRoot.js';
import { kopilka, linesOf, startKopilka } from './cli/kopilka.js';

const header = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
const receipts = [
  header,
  '1001,MUG1,Mug,6,2011-01-03 09:00:00,2.55,501.0,Nowhere',
  '1001,BOWL,"Bowl, large",2,2011-01-03 09:00:00,7.95,501.0,Nowhere',
  '1001,POST,Postage,1,2011-01-03 09:00:00,18.00,501.0,Nowhere',
  '1002,MUG1,Mug,4,2011-01-04 10:00:00,2.55,501.0,Nowhere',
  '1003,MUG1,Mug,1,2011-01-04 11:00:00,5.06,,Nowhere',
  '1004,LAMP,Lamp,1,2011-01-04 12:00:00,12.75,502.0,Nowhere',
  'C1005,MUG1,Mug,-5,2011-01-05 09:00:00,2.55,501.0,Nowhere',
  'C1006,MUG1,Mug,-9,2011-01-05 10:00:00,2.55,501.0,Nowhere',
  'C1007,LAMP,Lamp,-1,2011-01-05 10:00:00,11.00,502.0,Nowhere',
  '1008,MUG1,Mug,-30,2011-01-05 11:00:00,0.0,,Nowhere',
  '1009,LAMP,Lamp,one,2011-01-05 12:00:00,12.75,502.0,Nowhere',
  '',
].join('\n');

interface Imported {
  readonly fileTotals: { readonly lines: number; readonly amount: string };
  readonly classes: readonly {
    readonly class: string;
    readonly lines: number;
    readonly amount: string;
  }[];
  readonly receipts: number;
  readonly returns: number;
  readonly refused: number;
  readonly reconciled: boolean;
  readonly sales: { readonly gross: number; readonly returned: number; readonly net: number };
  readonly report: string;
}

describe('the command line', function () {
  this.timeout(180_000);

  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let file: string;
  let data: readonly [string, string];

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    const dataDir = cleanup.folder('cli');
    product = await startProduct({ dataDir, cleanup });
    data = ['--data', dataDir];
    file = join(dataDir, 'receipts.csv');
    writeFileSync(file, receipts);
  });

  after(async () => {
    await cleanup?.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('sends the requests of a guide with the tools of the page on them', async () => {
    const folder = cleanup.folder('requests');
    symlinkSync(data[1], join(folder, 'data'));
    const page = readFileSync(join(packageRoot, 'docs/start/requests.md'), 'utf8');
    const script = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
    script.push(
      `TYPE=application/cloudevents+json KEY=k1 send POST /exchange/v1/topics/none/publications -d '{}'`,
      `send GET /exchange/v1/topics/none/search -G --data-urlencode 'text=est* -used'`,
    );
    const run = promisify(execFile);
    const { stdout } = await run('bash', ['-c', script.join('\n')], {
      cwd: folder,
      timeout: 30_000,
    });
    const answers = linesOf<Record<string, unknown>>(stdout);
    expect(answers[0]).to.deep.equal({ partnerId: 'motor_house', name: 'Motor House' });
    expect(answers[1]).to.include({ partnerId: 'motor_house', name: 'Motor House' });
    expect(answers.slice(2).map(({ code }) => code)).to.deep.equal([
      'invalid-input',
      'topic-not-found',
    ]);
  });

  const importFile = async (...more: string[]): Promise<Imported> => {
    const args = ['import', 'receipts', file, '--format', 'online-retail', ...data, '--json'];
    const { code, out, err } = await kopilka(...args, ...more);
    expect(code, err).to.equal(0);
    return JSON.parse(out) as Imported;
  };

  it('imports receipts, accounts for every line and reconciles with the read model', async () => {
    const result = await importFile();
    expect(result).to.include({ receipts: 4, returns: 2, refused: 0, reconciled: true });
    expect(result.fileTotals).to.deep.equal({ lines: 11, amount: '30.51' });
    const counted = result.classes.filter(({ lines }) => lines > 0);
    expect(counted.map((each) => [each.class, each.lines, each.amount])).to.deep.equal(
      [
        ['purchased', 4, '54.15'],
        ['anonymous', 1, '5.06'],
        ['returned', 1, '-12.75'],
        ['broken', 1, '0.00'],
        ['not-goods', 1, '18.00'],
        ['negative-quantity', 1, '0.00'],
        ['cancels-at-other-price', 1, '-11.00'],
        ['cancels-more-than-bought', 1, '-22.95'],
      ].map((row) => row),
    );
    expect(result.sales).to.include({ gross: 5_921, returned: 1_275, net: 4_646 });
    const rejects = linesOf<{ line: number; class: string }>(readFileSync(result.report, 'utf8'));
    expect(rejects.map(({ line }) => line).sort((a, b) => a - b)).to.deep.equal([4, 9, 10, 11, 12]);
  });

  it('counts nothing twice when it is imported again, also from the beginning', async () => {
    for (const more of [[], ['--restart']]) {
      const { sales, receipts: sent, reconciled } = await importFile(...more);
      expect({ ...sales, sent, reconciled }).to.include({ net: 4_646, sent: 4, reconciled: true });
    }
  });

  it('refuses to mix currencies, and says what to do', async () => {
    const args = ['import', 'receipts', file, '--format', 'online-retail', ...data];
    const cd = join(product.dataDir, 'cd.txt');
    writeFileSync(cd, ' 00001 19970101  1   11.77\n');
    const { code, err } = await kopilka(
      ...['import', 'receipts', cd, '--format', 'cdnow', ...data, '--tenant', 'onlineretail'],
    );
    expect(code).to.equal(2);
    expect(err).to.include('The receipts are in USD').and.to.include('--create-tenant');
    const unknown = await kopilka(...args, '--tenant', 'elsewhere');
    expect(unknown.code).to.equal(2);
    expect(unknown.err).to.include('--create-tenant');
  });

  it('shows where the read models stand, and that they are what the log says', async () => {
    const shown = await kopilka('projections', ...data, '--json');
    const models = linesOf<{ projection: string; behind: string }>(shown.out);
    expect(models.map(({ projection }) => projection)).to.include.members(['balances', 'sales']);
    const verified = await kopilka('verify', ...data, '--json');
    expect(verified.code, verified.err + verified.out).to.equal(0);
    const rows = linesOf<{ projection: string; differences: unknown[] }>(verified.out);
    expect(rows).to.have.length(models.length);
    for (const { differences } of rows) expect(differences).to.deep.equal([]);
  });

  it('rebuilds a read model, and fills a schema with it as it was', async () => {
    const rebuilt = await kopilka('replay', 'balances', ...data);
    expect(rebuilt.out, rebuilt.err).to.match(/^Rebuilt balances from [\d,]+ events/);
    const past = await kopilka('replay', 'purchases', '--until', '1', ...data, '--json');
    const { result } = JSON.parse(past.out) as { result: { schema: string; tables: string[] } };
    expect(result.tables).to.include('purchases');
    const counted = await kopilka(
      'query',
      `select count(*) from ${result.schema}.purchases`,
      ...data,
      '--json',
    );
    expect(linesOf(counted.out), counted.err).to.deep.equal([{ count: '0' }]);
    const live = await kopilka('query', 'select count(*) from read.purchases', ...data, '--json');
    expect(linesOf(live.out)).to.deep.equal([{ count: '4' }]);
    const listed = await kopilka('replays', ...data);
    expect(listed.out).to.include(result.schema);
    const dropped = await kopilka('replays', 'drop', result.schema, ...data);
    expect(dropped.out).to.equal(`Dropped ${result.schema}.\n`);
  });

  it('says what a draft campaign would have cost, and what is wrong with one', async () => {
    const retail = [...data, '--tenant', 'onlineretail'];
    const draft = join(product.dataDir, 'draft.json');
    const campaign = {
      ...{ campaignId: 'mugs', version: 1, name: 'Mugs for half', priority: 1 },
      rewards: [
        { kind: 'percent', basisPoints: 5_000, lines: { kind: 'product', productIds: ['MUG1'] } },
      ],
    };
    writeFileSync(draft, JSON.stringify(campaign));
    const simulated = await kopilka('simulate', 'campaign', draft, ...retail, '--json');
    expect(simulated.code, simulated.err).to.equal(0);
    const report = JSON.parse(simulated.out) as {
      totals: Record<string, number>;
      recorded: Record<string, number>;
      byDay: { key: string; discount: number }[];
    };
    // 6 × 2.55 of the third, 4 × 2.55 of the fourth, and 5.06 of an anonymous receipt.
    expect(report.totals).to.include({ receipts: 4, touched: 3, discount: 765 + 510 + 253 });
    expect(report.recorded).to.include({ total: 5_921, discount: 0 });
    expect(report.byDay.map(({ key, discount }) => [key, discount])).to.deep.equal([
      ['2011-01-03', 765],
      ['2011-01-04', 763],
    ]);
    const some = ['--since', '2011-01-04', '--until', '2011-01-04T10:30'];
    const part = await kopilka('simulate', 'campaign', draft, ...retail, ...some, '--json');
    expect((JSON.parse(part.out) as typeof report).totals).to.include({
      ...{ receipts: 1, touched: 1, discount: 510 },
    });
    writeFileSync(draft, JSON.stringify({ ...campaign, rewards: [{ kind: 'percentage' }] }));
    const wrong = await kopilka('simulate', 'campaign', draft, ...retail);
    expect(wrong.code).to.equal(4);
    expect(wrong.err).to.include('/campaign/rewards/0/kind must be one of');
  });

  it('settles between merchants: nobody owes where there is only one', async () => {
    const retail = [...data, '--tenant', 'onlineretail'];
    const csv = join(product.dataDir, 'debts.csv');
    const args = ['settlement', '--month', '2011-01', '--csv', csv, ...retail];
    const { code, out, err } = await kopilka(...args);
    expect(code, err).to.equal(0);
    expect(out).to.equal('Nobody owes anything.\n');
    expect(readFileSync(csv, 'utf8')).to.match(/^position,occurredAt,kind,[a-zA-Z,]+\n$/);
  });

  it('asks SQL without being able to write', async () => {
    const { code, err } = await kopilka('query', 'delete from read.purchases', ...data);
    expect(code).to.equal(2);
    expect(err).to.match(/PostgreSQL: /);
  });

  it('finds events by type, actor and correlation, and never those of another programme', async () => {
    const tenant = ['--tenant', 'onlineretail'];
    const found = await kopilka(
      'events',
      '--type',
      'PurchaseReturned',
      ...tenant,
      ...data,
      '--json',
    );
    const events = linesOf<{ type: string; correlationId: string; stream: string }>(found.out);
    expect(events.map(({ type }) => type)).to.deep.equal(['PurchaseReturned', 'PurchaseReturned']);
    const correlation = events[0]?.correlationId ?? '';
    const caused = await kopilka(
      'events',
      '--correlation',
      correlation,
      ...tenant,
      ...data,
      '--json',
    );
    expect(linesOf<{ correlationId: string }>(caused.out)).to.not.be.empty;
    const mistyped = await kopilka('events', '--type', 'PurchaseReturn', ...tenant, ...data);
    expect(mistyped.code).to.equal(4);
    expect(mistyped.err).to.include('did you mean PurchaseReturned');
    const home = await kopilka('events', '--actor', 'till', ...data, '--json');
    expect(linesOf<{ stream: string }>(home.out)).to.deep.equal([]);
    const stream = events[0]?.stream ?? '';
    const foreign = await kopilka('streams', stream, ...data);
    expect(foreign.code).to.equal(4);
    const own = await kopilka('streams', stream, ...tenant, ...data, '--json', '--limit', '3');
    expect(linesOf<{ revision: number }>(own.out).map(({ revision }) => revision)).to.deep.equal([
      0, 1, 2,
    ]);
  });

  it('explains a purchase with its returns', async () => {
    const user = await kopilka(
      ...[
        'query',
        "select user_id from read.purchases where purchase_id = '1002'",
        ...data,
        '--json',
      ],
    );
    const [{ user_id: userId } = { user_id: '' }] = linesOf<{ user_id: string }>(user.out);
    const why = await kopilka('why', '1002', '--user', userId, '--tenant', 'onlineretail', ...data);
    expect(why.code, why.err).to.equal(0);
    expect(why.out).to.match(/^Purchase 1002 of 10\.20 GBP at merchant 1: returned\./);
    expect(why.out).to.include('PurchaseReturned').and.to.include('earned');
    const nobody = await kopilka(
      'why',
      '9999',
      '--user',
      userId,
      '--tenant',
      'onlineretail',
      ...data,
    );
    expect(nobody.code).to.equal(4);
    expect(nobody.err).to.include('purchase-not-found');
  });

  it('stops an import cleanly and goes on with it', async () => {
    const imports = join(product.dataDir, 'imports');
    const kept = () =>
      readdirSync(imports).filter((name) => name.endsWith('.progress.json')).length;
    let count = 1_000;
    let args: string[] = [];
    let stopped = { code: 0 as number | null, err: '' };
    // It keeps how far it is once a second, and may be through before the signal comes: then with another file, twice as long.
    for (let tries = 1; tries <= 4 && stopped.code === 0; tries += 1) {
      count *= 2;
      const lines = Array.from({ length: count }, (_, i) => {
        const [receipt, customer] = [tries * 20_000 + i, 600 + (i % 40)];
        return `${receipt},SKU${i % 7},Thing,1,2011-02-01 09:00:00,1.00,${customer}.0,Nowhere`;
      });
      const long = join(product.dataDir, `long${tries}.csv`);
      writeFileSync(long, [header, ...lines, ''].join('\n'));
      args = ['import', 'receipts', long, '--format', 'online-retail', ...data, '--json'];
      const before = kept();
      const first = startKopilka(args);
      for (let i = 0; i < 1_500 && kept() === before; i += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      first.signal('SIGINT');
      stopped = await first.finished;
    }
    expect(stopped.code, stopped.err).to.equal(130);
    expect(stopped.err).to.include('Go on with the same command: kopilka import receipts');
    const { code, out, err } = await kopilka(...args);
    expect(code, err).to.equal(0);
    const result = JSON.parse(out) as Imported;
    expect(err).to.match(/Going on after [\d,]+ receipts/);
    expect(result).to.include({ receipts: count, reconciled: true });
  });

  it('changes the keys of tokens, and gives one up', async () => {
    interface Keys {
      readonly items: readonly { readonly kid: string; readonly use: string }[];
    }
    const keys = async (...args: string[]): Promise<Keys['items']> => {
      const { code, out, err } = await kopilka('keys', ...args, ...data, '--json');
      expect(code, err).to.equal(0);
      return (JSON.parse(out) as Keys).items;
    };
    const [next, signs] = await keys('rotate');
    expect([next?.use, signs?.use]).to.deep.equal(['next', 'signs']);
    // Its own token is signed with the key that it gives up, so it logs on again.
    const left = await keys('revoke', '--key', signs?.kid ?? '', '--reason', 'lost');
    expect(left.map(({ kid }) => kid)).to.deep.equal([next?.kid]);
  });

  it('says how to start a server where there is none', async () => {
    const { code, err } = await kopilka('projections', '--data', join(product.dataDir, 'none'));
    expect(code).to.equal(3);
    expect(err).to.include('npm start -- --data');
  });
});
