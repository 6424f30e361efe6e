import { expect } from 'chai';
import type { Exit, Server } from '../../../embedded/postgres/server.js';
import { supervise } from '../../../embedded/postgres/supervise.js';

const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const killed: Exit = { code: null, signal: 'SIGKILL' };

/** A server of no process: it ends when it is told to. */
const fakeServer = (pid: number) => {
  let ended: Exit | undefined;
  let end = (_exit: Exit): void => {};
  const exited = new Promise<Exit>((resolve) => {
    end = (exit) => resolve((ended = exit));
  });
  const server: Server = {
    pid,
    exited,
    exit: () => ended,
    stop: async () => end({ code: 0, signal: null }),
  };
  return { server, kill: () => end(killed), isStopped: () => ended?.code === 0 };
};

const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('the supervision of PostgreSQL', () => {
  it('starts another server when one ends by itself, however often starting fails first', async () => {
    const servers = [fakeServer(1), fakeServer(2)];
    let tries = 0;
    const supervision = supervise(servers[0]!.server, {
      logger,
      onGivenUp: () => expect.fail('gave up'),
      restart: async () => {
        tries += 1;
        if (tries === 1) throw new Error('not yet');
        return servers[1]!.server;
      },
    });
    servers[0]!.kill();
    while (supervision.server().pid === 1) await turns();
    expect(tries).to.equal(2);
    await supervision.stop();
    await supervision.stop();
    expect(servers[1]!.isStopped()).to.equal(true);
  });

  it('gives up when no start succeeds for long enough', async () => {
    const first = fakeServer(1);
    const exit = await new Promise<Exit>((resolve) => {
      supervise(first.server, {
        logger,
        onGivenUp: resolve,
        restart: () => Promise.reject(new Error('never')),
        limits: { restartForMs: 50 },
      });
      first.kill();
    });
    expect(exit).to.deep.equal(killed);
  });

  it('gives up on a server that ends again and again', async () => {
    const servers = [1, 2, 3].map(fakeServer);
    let started = 1;
    const givenUp = new Promise((resolve) => {
      supervise(servers[0]!.server, {
        logger,
        onGivenUp: resolve,
        restart: async () => servers[started++]!.server,
        limits: { endsMax: 2 },
      });
    });
    for (const { kill } of servers) {
      kill();
      await turns();
    }
    await givenUp;
    expect(started).to.equal(3);
  });

  it('stops a server that is being started', async () => {
    const [first, next] = [fakeServer(1), fakeServer(2)];
    let given: AbortSignal | undefined;
    const supervision = supervise(first.server, {
      logger,
      onGivenUp: () => expect.fail('gave up'),
      restart: async (signal) => {
        given = signal;
        await turns();
        return next.server;
      },
    });
    first.kill();
    while (!given) await Promise.resolve();
    await supervision.stop();
    expect(given.aborted).to.equal(true);
    expect(next.isStopped()).to.equal(true);
  });
});
