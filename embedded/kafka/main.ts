/** `npm run kafka`: the broker that the tests use, for a person. Prints where it listens and runs until it is interrupted. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureJars, KafkaMissing, kafkaVersion } from './jars.js';
import { freePort, startBroker } from './startBroker.js';

const usage = `Starts Apache Kafka ${kafkaVersion}: one node, on 127.0.0.1 alone, until Ctrl-C.

  npm run kafka -- [options]

  --port PORT   where clients connect (9092; 0 for any free one)
  --data DIR    where it keeps its data (./data/kafka)
  --fetch       only fetch the jars, with Maven, into the user's cache
  --help        this

It needs Java 17 or later, and Maven at the first start. Then, in another terminal:

  KOPILKA_KAFKA_BROKERS=127.0.0.1:9092 npm start
`;

const options = {
  port: { type: 'string', default: '9092' },
  data: { type: 'string', default: join('data', 'kafka') },
  fetch: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

const readOptions = () => {
  try {
    const { values } = parseArgs({ options });
    if (!/^\d{1,5}$/.test(values.port) || Number(values.port) > 65_535) {
      throw new Error(`--port ${values.port} is no port: name 0 to 65535`);
    }
    return values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
};

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const main = async (): Promise<void> => {
  const { port, data, fetch, help } = readOptions();
  if (help) return say(usage);
  if (fetch) return say(`Kafka ${kafkaVersion} is in ${await ensureJars()}`);
  let interrupted = false;
  const interrupt = (): void => void (interrupted = true);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupt);
  say(`Kafka ${kafkaVersion} starts …`);
  const ports = { clients: Number(port) || (await freePort()), controller: await freePort() };
  const broker = await startBroker({ dataDir: resolve(data), ports });
  const stop = () => void broker.stop();
  if (interrupted) stop();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  say(
    `Kafka listens on ${broker.address} (process ${broker.pid}); its data is in ${resolve(data)}`,
  );
  say(`  KOPILKA_KAFKA_BROKERS=${broker.address} npm start`);
  say('Ctrl-C ends it.');
  await broker.ended;
  say('Kafka has ended.');
};

main().catch((error: unknown) => {
  const text = error instanceof KafkaMissing ? error.message : (error as Error).stack;
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
});
