/** The guarded client before real servers on loopback: what it reaches, what it keeps, and how it ends. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { rangeOf } from '../../../platform/outbound/addresses.js';
import {
  createGuardedClient,
  type GuardedClient,
  type GuardedClientOptions,
  type OutboundOutcome,
} from '../../../platform/outbound/guardedClient.js';
import { faultOfUrl } from '../../../platform/outbound/url.js';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const loopback = [rangeOf('127.0.0.0/8')];

describe('the guarded client', () => {
  const servers: { close(): unknown }[] = [];
  const clients: GuardedClient[] = [];

  const serve = (answer: Answer): Promise<number> =>
    new Promise((resolve) => {
      const server: Server = createServer(answer).listen(0, '127.0.0.1', () => {
        servers.push({ close: () => (server.closeAllConnections(), server.close()) });
        resolve((server.address() as AddressInfo).port);
      });
    });

  const serveTcp = (answer: (socket: Socket) => void): Promise<number> =>
    new Promise((resolve) => {
      const sockets = new Set<Socket>();
      const server = createTcpServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => undefined);
        answer(socket);
      }).listen(0, '127.0.0.1', () => {
        servers.push({
          close: () => (sockets.forEach((socket) => socket.destroy()), server.close()),
        });
        resolve((server.address() as AddressInfo).port);
      });
    });

  const clientWith = (options: GuardedClientOptions = {}): GuardedClient => {
    const client = createGuardedClient({ opened: loopback, ...options });
    clients.push(client);
    return client;
  };

  const post = (
    port: number,
    call: { deadlineMs?: number; path?: string; signal?: AbortSignal } = {},
    client = clientWith(),
  ): Promise<OutboundOutcome> => {
    const { path = '/', ...rest } = call;
    const headers = { 'content-type': 'application/json' };
    return client.call({
      url: `http://127.0.0.1:${port}${path}`,
      headers,
      body: '{"a":1}',
      ...rest,
    });
  };

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    for (const server of servers.splice(0)) server.close();
  });

  it('tells that nothing was sent of what still waited for a connection', async () => {
    let arrived = (): void => undefined;
    const isThere = new Promise<void>((resolve) => (arrived = resolve));
    const port = await serve(() => arrived());
    const client = clientWith({ connectionsMax: 1 });
    const first = post(port, { deadlineMs: 1_500 }, client);
    // What holds the only connection is not itself waiting for it.
    await isThere;
    const second = await post(port, { signal: AbortSignal.timeout(100) }, client);
    expect(second).to.include({ kind: 'failed', sent: false });
    expect(await first).to.include({ kind: 'failed', code: 'DEADLINE', sent: true });
  });

  it('hands over the body and the headers, and keeps the answer', async () => {
    let seen = '';
    const port = await serve((request, response) => {
      request.on('data', (chunk: Buffer) => (seen += chunk.toString()));
      request.on('end', () => {
        seen += ` ${request.method} ${request.headers['content-type']}`;
        response.writeHead(202, { 'Retry-After': '7', 'X-Two': ['a', 'b'] }).end('thanks');
      });
    });
    const outcome = await post(port);
    expect(seen).to.equal('{"a":1} POST application/json');
    expect(outcome).to.deep.include({ kind: 'answered', status: 202, truncated: false });
    if (outcome.kind !== 'answered') return;
    expect(outcome.headers['retry-after']).to.equal('7');
    expect(outcome.body.toString()).to.equal('thanks');
  });

  it('keeps 20 KB of a body that does not end', async () => {
    let written = 0;
    const port = await serve((_request, response) => {
      response.writeHead(200);
      const piece = Buffer.alloc(16_384, 'x');
      const more = (): void => {
        while (!response.destroyed && response.write(piece)) written += piece.length;
      };
      response.on('drain', more);
      more();
    });
    const outcome = await post(port);
    expect(outcome).to.deep.include({ kind: 'answered', status: 200, truncated: true });
    if (outcome.kind === 'answered') expect(outcome.body).to.have.length(20 * 1024);
    expect(written).to.be.lessThan(32 * 1024 * 1024);
  });

  it('goes on over the same connection behind an answer of which it kept a part', async () => {
    const ports = new Set<number | undefined>();
    const port = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(200).end(Buffer.alloc(100_000, 'x'));
    });
    const client = clientWith({ connectionsMax: 1 });
    for (let call = 0; call < 3; call += 1) {
      const outcome = await post(port, {}, client);
      expect(outcome).to.deep.include({ kind: 'answered', status: 200, truncated: true });
      if (outcome.kind === 'answered') expect(outcome.body).to.have.length(20 * 1024);
    }
    expect(ports.size).to.equal(1);
  });

  it('cuts off what drips on behind the part that it kept, and is then free for the next', async () => {
    const cut: Promise<unknown>[] = [];
    const port = await serve((_request, response) => {
      response.writeHead(200).write(Buffer.alloc(30_000, 'x'));
      const drip = setInterval(() => response.write('.'), 20);
      cut.push(new Promise((resolve) => response.on('close', resolve)));
      response.on('close', () => clearInterval(drip));
    });
    const client = clientWith({ connectionsMax: 1 });
    const first = await post(port, {}, client);
    expect(first).to.deep.include({ kind: 'answered', truncated: true });
    expect(await post(port, {}, client)).to.deep.include({ kind: 'answered', truncated: true });
    await Promise.all(cut);
  });

  it('does not follow a redirect', async () => {
    const port = await serve((_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
    );
    expect(await post(port)).to.deep.include({ kind: 'answered', status: 302 });
  });

  for (const [what, answer] of [
    ['headers', () => undefined],
    ['the rest of a body', (_request, response) => void response.writeHead(200).write('a')],
    [
      'a body that drips',
      (_request, response) => {
        response.writeHead(200);
        const drip = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ] as readonly (readonly [string, Answer])[]) {
    it(`waits no longer than its deadline for ${what}`, async () => {
      const port = await serve(answer);
      // Time enough to be sent on a busy machine, and a fifth of what is waited unless told.
      const outcome = await post(port, { deadlineMs: 1_000 });
      expect(outcome).to.deep.include({ kind: 'failed', code: 'DEADLINE', sent: true });
      expect(outcome.milliseconds).to.be.within(950, 4_000);
    });
  }

  it('says whether anything can have arrived', async () => {
    const closed = await serve((_request, response) => response.end());
    servers.splice(0).forEach((server) => server.close());
    expect(await post(closed)).to.deep.include({
      kind: 'failed',
      code: 'ECONNREFUSED',
      sent: false,
    });
    const cut = await serveTcp((socket) => socket.once('data', () => socket.destroy()));
    expect(await post(cut)).to.deep.include({ kind: 'failed', sent: true });
    const midBody = await serveTcp((socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc')),
    );
    expect(await post(midBody)).to.deep.include({ kind: 'failed', sent: true });
    const rubbish = await serveTcp((socket) =>
      socket.once('data', () => socket.end('hello\r\n\r\n')),
    );
    expect(await post(rubbish)).to.deep.include({ kind: 'failed', sent: true });
  });

  it('speaks TLS to https and says when nobody does', async () => {
    const port = await serve((_request, response) => response.end());
    const client = clientWith();
    const outcome = await client.call({ url: `https://127.0.0.1:${port}/`, headers: {} });
    expect(outcome).to.deep.include({ kind: 'failed', sent: false });
  });

  it('refuses private addresses in every spelling', async () => {
    const client = clientWith({ opened: [], plainHttp: true });
    for (const host of [
      ...[
        '127.0.0.1',
        '2130706433',
        '0x7f.1',
        '0177.0.0.1',
        '127.1',
        '[::1]',
        '[::ffff:127.0.0.1]',
      ],
      ...[
        '[::ffff:7f00:1]',
        '[64:ff9b::7f00:1]',
        '10.0.0.1',
        '169.254.169.254',
        '[fe80::1]',
        '0.0.0.0',
      ],
    ]) {
      const outcome = await client.call({ url: `http://${host}/`, headers: {} });
      expect(outcome.kind, host).to.equal('refused');
    }
  });

  it('refuses a name that stands for a private address', async () => {
    const client = clientWith({ opened: [], plainHttp: true });
    const outcome = await client.call({ url: 'http://localhost:1/', headers: {} });
    expect(outcome.kind).to.equal('refused');
    if (outcome.kind === 'refused') expect(outcome.reason).to.contain('may not be reached');
  });

  it('is not fooled by a name that answers otherwise the second time', async () => {
    let asked = 0;
    const port = await serve((_request, response) => response.end('inside'));
    const client = clientWith({
      opened: [],
      plainHttp: true,
      resolve: (_host, done) => {
        asked += 1;
        done(null, [{ address: asked === 1 ? '127.0.0.2' : '8.8.8.8', family: 4 }]);
      },
    });
    const outcome = await client.call({ url: `http://shop.example:${port}/`, headers: {} });
    expect([outcome.kind, asked]).to.deep.equal(['refused', 1]);
  });

  it('dials the address that was judged', async () => {
    const port = await serve((request, response) => response.end(request.headers.host));
    const client = clientWith({
      plainHttp: true,
      resolve: (_host, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    const outcome = await client.call({ url: `http://shop.example:${port}/`, headers: {} });
    if (outcome.kind !== 'answered') throw new Error(outcome.reason);
    expect(outcome.body.toString()).to.equal(`shop.example:${port}`);
  });

  it('can be called off, and closed in the middle', async () => {
    const port = await serve(() => undefined);
    const calling = new AbortController();
    const attempt = post(port, { signal: calling.signal });
    setTimeout(() => calling.abort(), 50);
    expect((await attempt).kind).to.equal('failed');
    const client = clientWith();
    const another = post(port, {}, client);
    setTimeout(() => void client.close(), 50);
    expect(await another).to.deep.include({ kind: 'failed', code: 'CLOSED' });
    await client.close();
  });

  it('names what is wrong with a URL before anybody is called', () => {
    const faults: readonly (readonly [string, RegExp])[] = [
      ['shop.example/hook', /no URL/],
      ['http://shop.example/hook', /only https/],
      ['ftp://shop.example/', /only https/],
      ['file:///etc/passwd', /only https/],
      ['https://user:secret@shop.example/', /user and password/],
      ['https://10.0.0.1/', /may not be reached/],
      [`https://shop.example/${'x'.repeat(3_000)}`, /at most/],
    ];
    for (const [url, fault] of faults) expect(faultOfUrl(url), url).to.match(fault);
    expect(faultOfUrl('https://shop.example:8443/hook?a=1')).to.equal(null);
    expect(faultOfUrl('http://127.0.0.1:5/', { opened: loopback })).to.equal(null);
  });
});
