/** Answers that go on: the caller is looked at again, a client that goes is noticed, and one that takes nothing is left. */
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { operatorsOnly } from '../../../api/auth/access.js';
import type { Live } from '../../../api/live.js';
import { liveRoute } from '../../../api/liveRoute.js';
import { demo, now, operatorToken, testServer } from './testApi.js';

const until = async (isSo: () => boolean): Promise<void> => {
  for (let waited = 0; !isSo() && waited < 15_000; waited += 5) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(isSo()).to.equal(true);
};

describe('an answer that goes on', () => {
  let held: Live | null = null;
  let clock = now;
  let pieces: () => AsyncGenerator<string>;
  let server: Server;
  let lines: ReturnType<typeof testServer>['lines'];
  let stop: () => void = () => undefined;

  const ongoing = liveRoute({
    method: 'GET',
    path: '/ongoing',
    summary: 'Goes on',
    tags: ['test'],
    access: operatorsOnly('owner'),
    response: Type.String(),
    contentType: 'text/event-stream',
    handle: (_request, live) => {
      held = live;
      return { body: pieces() };
    },
  });

  beforeEach(async () => {
    held = null;
    clock = now;
    const made = testServer([ongoing], { now: () => clock, limits: { stalledMs: 150 } });
    ({ lines } = made);
    stop = () => made.api.inFlight.close();
    server = createServer(made.api.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    stop();
  });

  const ask = async (): Promise<IncomingMessage> => {
    const { port } = server.address() as AddressInfo;
    const call = request({
      ...{ port, path: '/ongoing' },
      headers: { authorization: `Bearer ${operatorToken(demo, 'owner')}` },
    });
    call.on('error', () => undefined);
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.on('error', () => undefined);
    return response;
  };

  async function* waiting(): AsyncGenerator<string> {
    yield ':\n\n';
    if (held && !held.gone.aborted) await once(held.gone, 'abort');
  }

  it('has its caller checked again, and refuses one whose token has run out', async () => {
    pieces = waiting;
    const response = await ask();
    expect(response.statusCode).to.equal(200);
    held?.admit();
    clock += 120_000;
    expect(() => held?.admit())
      .to.throw()
      .with.property('code', 'token-expired');
    response.destroy();
  });

  it('notices that the client went away, and tells of it once in the log, as no fault', async () => {
    pieces = waiting;
    const response = await ask();
    expect(held?.gone.aborted).to.equal(false);
    response.destroy();
    await until(() => held?.gone.aborted === true);
    await until(() => lines.length === 1);
    expect(lines[0]?.message).to.equal('request');
  });

  it('leaves a client that takes nothing', async () => {
    let made = 0;
    pieces = async function* endless() {
      for (;;) {
        made += 1;
        yield 'x'.repeat(100_000);
        // A stream in a test may be faster than the sockets between.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const response = await ask();
    response.pause();
    await until(() => held?.gone.aborted === true);
    const last = made;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(made, 'and makes no more of it').to.equal(last);
    expect(made).to.be.lessThan(200);
  });

  it('breaks off when it is told to', async () => {
    pieces = waiting;
    const response = await ask();
    const closed = new Promise((resolve) => response.once('close', resolve));
    held?.hangUp();
    await closed;
    await until(() => held?.gone.aborted === true);
  });
});
