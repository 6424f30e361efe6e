/** What `kopilka bounce` sends of its input, and how it ends where it is the end of a mail server's pipe. */
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type BounceOptions, handOver } from '../../../cli/bounce.js';

async function* pieces(...all: readonly string[]): AsyncGenerator<Buffer> {
  for (const piece of all) yield Promise.resolve(Buffer.from(piece));
}

describe('a letter that is handed over by the command line', () => {
  let server: Server;
  let folder: string;
  let answer: { readonly status: number; readonly body: object };
  const asked: { readonly request: IncomingMessage; readonly body: string }[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kopilka-bounce-'));
    writeFileSync(join(folder, 'token'), 'the agreed token\n');
    answer = { status: 200, body: { taken: 1 } };
    asked.length = 0;
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        asked.push({ request, body });
        response.writeHead(answer.status, { 'content-type': 'application/problem+json' });
        response.end(JSON.stringify(answer.body));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  const options = (more: Partial<BounceOptions> = {}): BounceOptions => ({
    ...{ provider: 'mail_main', tenant: 'demo', data: folder, pipe: false },
    ...{ tokenFile: join(folder, 'token') },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...more,
  });
  const problem = (status: number, code: string) => (answer = { status, body: { code } });
  const failure = (more: Partial<BounceOptions> = {}): Promise<number> =>
    handOver(pieces('X: y'), options(more)).then(
      () => 0,
      ({ exitCode }: { exitCode: number }) => exitCode,
    );

  it('goes as it came, with the token, to its provider', async () => {
    const told = await handOver(pieces('From: a\r\n', '\r\nHe\u00e4'), options());
    expect(told).to.deep.equal({ taken: 1 });
    const [{ request, body } = { request: null, body: '' }] = asked;
    expect(body).to.equal('From: a\r\n\r\nHe\u00e4');
    expect(request?.url).to.equal('/outreach/v1/callbacks/demo/mail_main');
    expect(request?.headers).to.include({
      ...{ authorization: 'Bearer the agreed token', 'content-type': 'message/rfc822' },
    });
  });

  it('goes no further than it is looked at, and is read to its end', async () => {
    const lines = Array.from({ length: 5 }, () => 'x'.repeat(100_000));
    let read = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const piece of pieces(...lines)) {
        read += piece.length;
        yield piece;
      }
    }
    await handOver(counted(), options());
    expect(read).to.equal(500_000);
    expect(asked[0]?.body).to.have.length(262_144);
  });

  it('is a failure that says what to do, for whoever sits before it', async () => {
    problem(400, 'invalid-input');
    expect(await failure()).to.equal(4);
    problem(401, 'credentials-invalid');
    expect(await failure()).to.equal(4);
    expect(await failure({ tokenFile: join(folder, 'none') })).to.equal(2);
  });

  it('is taken again later by a mail server, unless it reports nothing', async () => {
    const piped = (more: Partial<BounceOptions> = {}) =>
      handOver(pieces('X: y'), options({ pipe: true, ...more }));
    problem(400, 'invalid-input');
    expect(await piped()).to.include({ exitCode: 0 });
    for (const [status, code] of [
      [401, 'credentials-invalid'],
      [404, 'not-found'],
      [500, 'internal-error'],
    ] as const) {
      problem(status, code);
      expect(await piped()).to.include({ exitCode: 75 });
    }
    expect(await piped({ tokenFile: join(folder, 'none') })).to.include({ exitCode: 75 });
    expect(await piped())
      .to.have.property('fault')
      .that.does.not.include('the agreed token');
  });
});
