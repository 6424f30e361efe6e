/**
 * Requests for messages, from the client to the answer that says they are durable: singly and in batches over the API, and from Kafka.
 * Beside them the same events, as they were recorded, appended raw by the official client to streams of their own, as many in flight.
 *
 * The API's process has neither workers nor a store of searches: what is measured is taking requests in, not sending or filing them. From Kafka they are taken by the workers, which
 * file them in the queue meanwhile; they are to be sent tomorrow, so nothing else is done with them.
 */
import { EventStoreDBClient, FORWARDS, START } from '@eventstore/db-client';
import type { AppendPlan, RawEvent } from '../append/append.process.js';
import { startMongo } from '../../embedded/mongo/startMongo.js';
import type { Bench } from '../bench.js';
import { startChild } from '../child.js';
import { type Sample, summarise } from '../load/latencies.js';
import { startProduct } from '../product/product.js';
import { logConnectionString } from '../product/stores.js';
import { figure, milliseconds, ratio, whole } from '../table.js';
import { measureKafka, whyNoBroker } from './kafka.js';
import type { SendPlan, Sent } from './sender.process.js';

interface Way {
  readonly title: string;
  readonly batch: number;
  readonly inFlight: number;
}

const ways: readonly Way[] = [
  { title: 'singly, 16 in flight', batch: 1, inFlight: 16 },
  { title: 'singly, 64 in flight', batch: 1, inFlight: 64 },
  { title: 'batches of 500, 2 in flight', batch: 500, inFlight: 2 },
];

/** Seconds. */
const warmUpOfWay = 8;

const tomorrow = (): string => new Date(Date.now() + 86_400_000).toISOString();

const logOn = async (url: string, operator: { login: string; password: string }) => {
  const answer = await fetch(`${url}/pos/v1/logon`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ tenant: 'demo', ...operator }),
  });
  return ((await answer.json()) as { token: string }).token;
};

/** As it was recorded, under a name of the same length that nobody asks for. */
const recordedEvent = async (connectionString: string, messageId: string): Promise<RawEvent> => {
  const client = EventStoreDBClient.connectionString(connectionString);
  try {
    const found = client.readStream(`message-demo.${messageId}`, {
      direction: FORWARDS,
      fromRevision: START,
    });
    for await (const { event } of found) {
      if (!event) continue;
      const data = event.data as unknown as RawEvent['data'];
      return { type: 'RawMessageKept0', data, metadata: JSON.stringify(event.metadata) };
    }
    throw new Error(`message ${messageId} is not in the log`);
  } finally {
    await client.dispose();
  }
};

const run: Bench['run'] = async (options) => {
  const { cleanup, say, quick } = options;
  const seconds = options.seconds ?? (quick ? 1 : 5);
  const warmUpSeconds = quick ? 0.5 : 2;
  const rounds = options.rounds ?? (quick ? 1 : 3);
  const notBefore = tomorrow();
  // Stands elsewhere, as in production; nobody searches.
  const mongo = await startMongo();
  cleanup.add(() => mongo.stop());
  const product = await startProduct({
    cleanup,
    profileDir: options.profileDir,
    dataDir: cleanup.folder('accept'),
    env: {
      KOPILKA_ROLES: 'pos,outreach',
      KOPILKA_MONGODB_URL: mongo.connectionString,
      KOPILKA_RATE_LIMIT_PER_SECOND: '1000000',
    },
  });
  const token = await logOn(product.url, product.operator);
  const connectionString = logConnectionString(product);
  const start = (module: string) => startChild(new URL(module, import.meta.url), cleanup);
  const sender = start('./sender.process.js');
  const appender = start('../append/append.process.js');
  const deadlineMs = (seconds + warmUpSeconds + 40) * 1000;

  const planOf = (way: Way, seconds: number, warmUpSeconds: number): SendPlan => ({
    url: product.url,
    token,
    notBefore,
    seconds,
    warmUpSeconds,
    batch: way.batch,
    inFlight: way.inFlight,
  });
  // A process that just started compiles as it goes, and its recipients have no keys yet.
  for (const way of quick ? [] : [...ways].reverse()) {
    say(`warming up: ${way.title}`);
    await sender.ask<Sent>(planOf(way, 0.5, warmUpOfWay), deadlineMs);
  }

  const measured = ways.map((way) => ({ way, api: [] as Sample[], raw: [] as Sample[] }));
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { way, api, raw }] of measured.entries()) {
      const sent = await sender.ask<Sent>(planOf(way, seconds, warmUpSeconds), deadlineMs);
      api.push(sent.sample);
      refused += sent.refused;
      const append: AppendPlan = {
        connectionString,
        client: 'as published',
        seconds,
        warmUpSeconds,
        series: `${round}x${index}`,
        events: [await recordedEvent(connectionString, sent.messageId)],
        // So many that none is met twice.
        streams: 1_000_000_000,
        inFlight: way.batch * way.inFlight,
      };
      raw.push(await appender.ask<Sample>(append, deadlineMs));
      const rate = (sent.sample.latenciesUs.length * way.batch) / seconds;
      const beside = (raw.at(-1)?.latenciesUs.length ?? 0) / seconds;
      say(`${way.title}: ${figure(rate)}/s, raw ${figure(beside)}/s`);
    }
  }
  await product.stop();

  const api = measured.map(({ way, api, raw }) => {
    const told = summarise(api);
    return {
      ...way,
      requests: told,
      messagesPerSecond: told.perSecond * way.batch,
      rawPerSecond: summarise(raw).perSecond,
      non2xx: told.non2xx,
    };
  });
  const missing = await whyNoBroker();
  const kafka =
    missing === null ? await measureKafka(cleanup, quick ? 2_000 : 30_000, notBefore) : null;
  const kafkaPerSecond = kafka && kafka.messages / kafka.seconds;
  const rawPerSecond = api.at(-1)?.rawPerSecond ?? 1;
  return {
    tables: [
      {
        title: 'Requests for messages accepted, durable when answered',
        head: ['', 'messages/s', 'raw appends/s', 'of raw', 'p50 ms', 'p99 ms', 'non-2xx'],
        rows: [
          ...api.map((one) => [
            one.title,
            figure(one.messagesPerSecond),
            figure(one.rawPerSecond),
            ratio(one.messagesPerSecond / one.rawPerSecond),
            milliseconds(one.requests.p50Ms),
            milliseconds(one.requests.p99Ms),
            whole(one.non2xx),
          ]),
          ...(kafkaPerSecond === null
            ? []
            : [
                [
                  `from Kafka, chunks of 500, 3 partitions`,
                  figure(kafkaPerSecond),
                  figure(rawPerSecond),
                  ratio(kafkaPerSecond / rawPerSecond),
                  ...['', '', ''],
                ],
              ]),
        ],
      },
    ],
    figures: { seconds, rounds, api, kafka, refused },
    notes: [
      ...(refused > 0 ? [`MISSED ${refused} messages of batches were refused.`] : []),
      ...(missing === null ? [] : [`Kafka was left out: ${missing}`]),
      'Raw appends: the events as they were recorded, each to a stream of its own, as many in flight as messages were.',
    ],
  };
};

export const accept: Bench = {
  name: 'accept',
  summary: 'requests for messages, singly, in batches of 500 and from Kafka, beside raw appends',
  run,
};
