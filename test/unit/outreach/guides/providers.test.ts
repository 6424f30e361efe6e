/** The guide to providers, sent as it is written, and its example of a kind, compiled and used as it stands. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { openProviderPorts } from '../../../../platform/compose/providerPorts.js';
import { packageRoot } from '../../../../platform/packageRoot.js';
import { providerKinds } from '../../../../workers/outreach/providers/kinds.js';
import type { SendResult } from '../../../../workers/outreach/providers/port.js';
import { openProviderShop } from '../providers/shop.js';
import { pager } from './pager.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/providers.md'), 'utf8');
const steps =
  /```http\n(?<method>\w+) (?<path>\S+)\n(?<body>[\s\S]*?)```(?:\n```json\n(?<answer>[\s\S]*?)```)?/g;

describe('the guide to providers', () => {
  it('does as it says', async () => {
    const shop = await openProviderShop();
    let sent = 0;
    for (const { groups = {} } of guide.matchAll(steps)) {
      const { method = '', path = '', body = '', answer = '{}' } = groups;
      const reply = await shop.send(
        method.toLowerCase() as 'post',
        path,
        JSON.parse(body) as object,
      );
      expect(reply.status, `${method} ${path}: ${reply.text}`).to.be.below(300);
      expect(reply.body, `${method} ${path}: ${reply.text}`).to.containSubset(
        JSON.parse(answer) as object,
      );
      sent += 1;
    }
    await shop.close();
    expect(sent).to.equal(11);
  });

  it('names every kind, and every class of error', () => {
    for (const { kind } of providerKinds) expect(guide).to.include(`| \`${kind}\` |`);
  });

  it('has a kind that is written as it stands, and works', async () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    const compiled = readFileSync(join(packageRoot, 'test/unit/outreach/guides/pager.ts'), 'utf8');
    expect(compiled).to.equal(shown.replaceAll("'../", "'../../../../workers/outreach/providers/"));
    const answers = ['OK: 17', 'REFUSED: NO PAGER', 'REFUSED: BAD KEY', 'REFUSED: WHO KNOWS'];
    const lines: string[] = [];
    const server = createServer((request, response) => {
      request.on('data', (piece: Buffer) => lines.push(piece.toString()));
      request.on('end', () => response.end(answers.shift()));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
    const { port } = server.address() as AddressInfo;
    const network = openProviderPorts(['127.0.0.0/8']);
    const open = (url: string) =>
      pager.open({
        ...{ tenant: 'demo', providerId: 'pagers', now: () => 0, ...network.ports },
        ...{ settings: { url }, secrets: { key: 'a key' } },
        ...{ onReceipts: () => undefined, onTrouble: () => undefined },
      } as never);
    const provider = open(`http://127.0.0.1:${port}/`);
    const message = {
      ...{ to: { kind: 'phone', phone: '+491' }, content: { text: 'Hi' }, clientReference: 'r1' },
    } as never;
    const results: SendResult[] = [];
    while (answers.length > 0) {
      results.push(...(await provider.send([message], AbortSignal.timeout(2_000))));
    }
    const nobody = open('http://127.0.0.1:1/');
    results.push(...(await nobody.send([message], AbortSignal.timeout(2_000))));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await network.close();
    expect(lines[0]).to.equal('r1 +491 Hi');
    expect(
      results.map((one) => (one.outcome === 'refused' ? one.errorClass : one.outcome)),
    ).to.deep.equal([
      'submitted',
      'recipientPermanent',
      'accountPermanent',
      'transient',
      'transient',
    ]);
  });
});
