/**
 * The node killed at random moments while many append. KOPILKA_KILL_ROUNDS sets how often (default 4), KOPILKA_KILL_SEED repeats
 * the moments of a run.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { randomFrom } from '../../../../bench/load/receipts.js';
import type { PostgresConnection } from '../../../../embedded/postgres/startPostgres.js';
import { quietPort } from '../../../quietPort.js';
import { newDatabase } from '../postgres.js';
import { startLoad } from './load.js';

const rounds = Number(process.env['KOPILKA_KILL_ROUNDS'] || 4);
const seed = Number(process.env['KOPILKA_KILL_SEED'] || Date.now() % 1_000_000);
const program = fileURLToPath(new URL('../nodeProcess.js', import.meta.url));

const startNode = async (
  postgres: PostgresConnection,
  port: number,
): Promise<{ node: ChildProcess; address: string }> => {
  const node = fork(program, [JSON.stringify({ postgres, port })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(node, 'exit').then(() => Promise.reject(new Error('the node did not start')));
  ended.catch(() => {});
  const [address] = (await Promise.race([once(node, 'message'), ended])) as [string];
  return { node, address };
};

const kill = async (node: ChildProcess): Promise<void> => {
  const exited = once(node, 'exit');
  node.kill('SIGKILL');
  await exited;
};

describe(`a node killed ${rounds} times while 48 append (KOPILKA_KILL_SEED=${seed})`, function () {
  this.timeout(120_000 + rounds * 20_000);

  it('has every answered append once, in order, without gaps, and its subscribers too', async () => {
    const random = randomFrom(seed);
    const postgres = await newDatabase();
    const port = await quietPort();
    let { node, address } = await startNode(postgres, port);
    const load = startLoad(address, { writers: 48 });
    for (let round = 1; round <= rounds; round += 1) {
      await load.more(1);
      await new Promise((resolve) => setTimeout(resolve, 400 * random()));
      await kill(node);
      ({ node, address } = await startNode(postgres, port));
    }
    await load.more(500);
    const events = await load.finish(postgres);
    await kill(node);
    expect(events).to.be.greaterThan(500);
    expect(load.watch.repeated, 'appends whose outcome a kill left open').to.be.greaterThan(0);
    expect(load.watch.interrupted, 'subscriptions that a kill broke').to.be.greaterThan(0);
  });
});
