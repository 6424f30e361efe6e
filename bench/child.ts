/**
 * Parts of a bench in processes of their own, so that a load generator, a rival server and the product never share a thread. All have
 * the room for objects that the product has, so that none is ahead by its collector.
 *
 * A child answers one question at a time over Node's IPC channel and ends by itself when its parent goes away.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './cleanup.js';
import { ended } from './machine/processes.js';

export interface Child {
  readonly pid: number;
  /** @throws with the child's own message, or when it ended or the deadline came first. */
  ask<Answer>(question: object, deadlineMs: number): Promise<Answer>;
  stop(): Promise<void>;
}

/**
 * Room for young objects, so that collecting them copies little; and no full collection below 64 MB of old ones: by itself V8 starts one
 * whenever 8 MB were added, which in a thread with a live heap of 15 MB is twice a second.
 */
const roomForObjects = ['--max-semi-space-size=64', '--initial-old-space-size=64'] as const;

/**
 * What `npm start` gives Node. Each thread collects its own garbage, with its own priority: V8's helpers have the first one, whoever they work
 * for. Rivals keep them, since a server of one thread gets up to a sixth more done with their help. And code that was idle for a while is
 * kept: the first one-time password after a silence would wait for its compilation.
 */
export const productFlags = [
  ...roomForObjects,
  '--single-threaded-gc',
  '--no-flush-bytecode',
] as const;

type Message = { readonly answer: unknown } | { readonly fault: string };

export const startChild = (module: URL, cleanup: Cleanup): Child => {
  const child = fork(fileURLToPath(module), [], {
    serialization: 'advanced',
    env: { ...process.env, NODE_ENV: 'production' },
    execArgv: [...roomForObjects, '--enable-source-maps'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`could not start ${module.pathname}`);

  const ask = <Answer>(question: object, deadlineMs: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        child.off('message', onMessage);
        child.off('exit', onExit);
        act();
      };
      const onMessage = (message: Message) =>
        settle(() =>
          'fault' in message ? reject(new Error(message.fault)) : resolve(message.answer as Answer),
        );
      const onExit = (code: number | null) =>
        settle(() => reject(new Error(`${module.pathname} ended with ${code}`)));
      const onLate = () =>
        settle(() => reject(new Error(`${module.pathname} did not answer in ${deadlineMs} ms`)));
      const timer = setTimeout(onLate, deadlineMs);
      child.on('message', onMessage);
      child.on('exit', onExit);
      child.send(question, (error) => error && settle(() => reject(error)));
    });

  const stop = cleanup.add(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.disconnect();
    if (await ended([pid], 3_000)) return;
    child.kill('SIGKILL');
    await ended([pid], 3_000);
  });
  return { pid, ask, stop };
};

/** The child's side: answers until the parent disconnects, then `close` and out. */
export const answerParent = (
  answer: (question: never) => Promise<unknown>,
  close: () => Promise<void> = async () => {},
): void => {
  process.on('message', (question) => {
    answer(question as never).then(
      (value) => process.send?.({ answer: value } satisfies Message),
      (error: unknown) =>
        process.send?.({ fault: (error as Error).stack ?? String(error) } satisfies Message),
    );
  });
  process.on('disconnect', () => {
    // A server that will not close must not outlive the bench.
    setTimeout(() => process.exit(1), 2_500).unref();
    void close().finally(() => process.exit(0));
  });
  // Ctrl-C goes to the whole group: the parent decides when we end.
  process.on('SIGINT', () => {});
};
