/**
 * A real Apache Kafka for one machine: one node that is broker and controller (KRaft), on loopback, its data in a folder.
 *
 * It is a process of its own, ended by its id. Killed, it can be started again on the same folder and ports, and has what it had
 * acknowledged. Settings are those of a small machine: nothing waits for other nodes that do not exist.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertJava, ensureJars } from './jars.js';

export interface Broker {
  /** `127.0.0.1:port`, for clients. */
  readonly address: string;
  readonly pid: number;
  /** Resolves when the process is gone, however that came. */
  readonly ended: Promise<void>;
  /** Ends it with everything written down. Twice is safe. */
  stop(): Promise<void>;
  /** Ends it at once, as the loss of the machine would. */
  kill(): Promise<void>;
}

export interface BrokerOptions {
  /** Made where it is not there; of an earlier broker, that one's data. */
  readonly dataDir: string;
  /** For clients and for the controller; any free ones unless told. */
  readonly ports?: { readonly clients: number; readonly controller: number };
  /** Partitions of a topic that is made without saying how many. */
  readonly partitions?: number;
}

const host = '127.0.0.1';
const startDeadlineMs = 60_000;
const stopDeadlineMs = 15_000;

/** A small heap, quick to start: the second compiler takes longer than these brokers live. */
const javaOptions = [
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
];

export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
};

const propertiesOf = (
  dataDir: string,
  ports: { clients: number; controller: number },
  partitions: number,
): string =>
  Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host}:${ports.controller}`,
    listeners: `PLAINTEXT://${host}:${ports.clients},CONTROLLER://${host}:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://${host}:${ports.clients}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': join(dataDir, 'log'),
    'num.partitions': partitions,
    'default.replication.factor': 1,
    'auto.create.topics.enable': false,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    // Killed and started again, it is itself: nobody else could have taken its place.
    'broker.heartbeat.interval.ms': 500,
    'broker.session.timeout.ms': 2_000,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');

/** A Java program of Kafka's; what it says of faults is kept for the error. */
const java = (jars: string, program: string, args: readonly string[]) => {
  const child = spawn('java', [...javaOptions, '-cp', join(jars, '*'), program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = (words + String(chunk)).slice(-4_000)));
  return { child, words: () => words };
};

const format = async (jars: string, file: string): Promise<void> => {
  const cluster = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const { child, words } = java(jars, 'kafka.tools.StorageTool', [
    ...['format', '-t', cluster, '-c', file],
  ]);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Kafka could not prepare its folder:\n${words()}`);
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    const done = (there: boolean) => {
      socket.destroy();
      resolve(there);
    };
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });

const untilUp = async (child: ChildProcess, port: number, words: () => string): Promise<void> => {
  const giveUpAt = performance.now() + startDeadlineMs;
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`Kafka ended at its start:\n${words()}`);
    if (performance.now() > giveUpAt) {
      child.kill('SIGKILL');
      throw new Error(`Kafka did not start within ${startDeadlineMs} ms:\n${words()}`);
    }
    await sleep(50);
  }
};

/** @throws KafkaMissing where Java or Maven are not there; Error with what Kafka said where it does not start. */
export const startBroker = async (options: BrokerOptions): Promise<Broker> => {
  await assertJava();
  const jars = await ensureJars();
  const { dataDir, partitions = 3 } = options;
  const ports = options.ports ?? { clients: await freePort(), controller: await freePort() };
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'server.properties');
  writeFileSync(file, propertiesOf(dataDir, ports, partitions));
  if (!existsSync(join(dataDir, 'log', 'meta.properties'))) await format(jars, file);
  const { child, words } = java(jars, 'kafka.Kafka', [file]);
  const ended = once(child, 'exit').then(() => undefined);
  await untilUp(child, ports.clients, words);
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), stopDeadlineMs);
    await ended.finally(() => clearTimeout(late));
  };
  return {
    address: `${host}:${ports.clients}`,
    pid: child.pid ?? 0,
    ended,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
};
