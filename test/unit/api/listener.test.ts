import { connect } from 'node:net';
import { Type } from '@sinclair/typebox';
import { expect } from 'chai';
import { everybody } from '../../../api/auth/access.js';
import { createListener, type Listener } from '../../../api/listener.js';
import { route } from '../../../api/route.js';
import { testServer } from './testApi.js';

const deadlineMs = 15_000;

describe('the listener', () => {
  let release: () => void = () => undefined;
  let taken: () => void = () => undefined;
  const slow = route({
    method: 'GET',
    path: '/slow',
    summary: 'Slow',
    tags: ['test'],
    access: everybody,
    response: Type.Object({ done: Type.Boolean() }),
    handle: () =>
      new Promise<{ body: { done: boolean } }>((resolve) => {
        release = () => resolve({ body: { done: true } });
        taken();
      }),
  });
  let listener: Listener;
  const start = async () => {
    const { api } = testServer([slow]);
    listener = createListener({ api, host: '127.0.0.1', port: 0, requestTimeoutMs: 30_000 });
    await listener.start();
  };
  afterEach(() => listener.close());

  /** Everything the server answers to raw bytes until it closes. */
  const raw = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(listener.url()).port), '127.0.0.1');
      let answer = '';
      socket.setTimeout(deadlineMs, () => socket.destroy(new Error('no answer in time')));
      socket.on('data', (chunk) => (answer += String(chunk)));
      socket.on('end', () => resolve(answer));
      socket.on('error', reject);
      socket.write(bytes);
    });

  it('answers what is no HTTP as a problem, and closes', async () => {
    await start();
    const answer = await raw('HELLO\r\n\r\n');
    expect(answer).to.match(/^HTTP\/1\.1 400 /);
    expect(answer).to.contain('application/problem+json').and.contain('"code":"malformed-request"');
  });

  it('answers headers that are too large as a problem', async () => {
    await start();
    const answer = await raw(
      `GET /slow HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(20_000)}\r\n\r\n`,
    );
    expect(answer).to.match(/^HTTP\/1\.1 431 /);
    expect(answer).to.contain('"code":"headers-too-large"');
  });

  it('lets a request end that it took before it stops taking more', async () => {
    await start();
    const url = listener.url();
    const isTaken = new Promise<void>((resolve) => (taken = resolve));
    const answer = fetch(`${url}/slow`, { signal: AbortSignal.timeout(deadlineMs) });
    await isTaken;
    listener.stopIntake();
    const drained = listener.drain();
    release();
    expect(await (await answer).json()).to.deep.equal({ done: true });
    await drained;
    await listener.close();
    const late = await fetch(url).catch((error: Error) => error);
    expect(late).to.be.instanceOf(Error);
  });

  it('lets no connection go on after the stop began', async () => {
    await start();
    const socket = connect(Number(new URL(listener.url()).port), '127.0.0.1');
    const ended = new Promise<string>((resolve, reject) => {
      let answer = '';
      socket.setTimeout(deadlineMs, () => reject(new Error('it was kept open')));
      socket.on('data', (chunk) => (answer += String(chunk)));
      socket.on('end', () => resolve(answer));
    });
    const ask = () => socket.write('GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n');
    ask();
    await new Promise((resolve) => socket.once('data', resolve));
    // The next request is under way when the stop begins: it is read in one of these turns, however long they take.
    socket.write('GET /nowhere HTTP/1.1\r\nHo');
    for (let turns = 0; turns < 10; turns += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    listener.stopIntake();
    socket.write('st: x\r\n\r\n');
    const answers = (await ended).split('HTTP/1.1 404').slice(1);
    expect(answers).to.have.length(2);
    expect(answers[0]).to.contain('Connection: keep-alive');
    expect(answers[1]).to.contain('Connection: close');
  });

  it('breaks off what does not end, and may be closed twice', async () => {
    await start();
    const answer = fetch(`${listener.url()}/slow`, { signal: AbortSignal.timeout(deadlineMs) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    listener.stopIntake();
    listener.abort();
    const outcome = await answer.then(
      (response) => response.status,
      () => 'broken off',
    );
    expect(outcome).to.be.oneOf([503, 'broken off']);
    await listener.close();
    await listener.close();
  });
});
