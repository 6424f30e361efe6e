/**
 * Every setting of Kopilka, in one annotated table: name, environment variable, kind, default, meaning.
 *
 * The environment is read once, here, and handed in, so nothing else looks at process.env. The result is complete,
 * valid and frozen, or there is one error that lists every fault. docs/reference/configuration.md is the table
 * rendered, and a test holds the two together.
 */
import {
  boolean,
  gelfReceiver,
  ids,
  integer,
  type Kind,
  listOf,
  networks,
  oneOf,
  optionalUrl,
  servers,
  share,
  text,
} from './config/kinds.js';

interface Setting<T> {
  readonly env: `KOPILKA_${string}`;
  readonly kind: Kind<T>;
  /** As it would be written in the environment. */
  readonly default: string;
  /** Never printed; of a URL only the password is hidden. */
  readonly secret?: true;
  readonly description: string;
}

const setting = <T>(definition: Setting<T>): Setting<T> => definition;

export const roles = [
  ...(['pos', 'admin', 'audit', 'exchange', 'outreach'] as const),
  ...(['projections', 'workers'] as const),
] as const;

/** Streams of links that can be asked for. */
export const linkIndexes = ['categories', 'types', 'streams'] as const;

/** The table. Order is the order of the reference. */
export const settings = {
  dataDir: setting({
    env: 'KOPILKA_DATA',
    kind: text,
    default: './data',
    description: 'Folder for everything this machine keeps: embedded stores, ready.json, reports.',
  }),
  host: setting({
    env: 'KOPILKA_HOST',
    kind: text,
    default: '127.0.0.1',
    description: 'Address to listen on; 0.0.0.0 for every network.',
  }),
  port: setting({
    env: 'KOPILKA_PORT',
    kind: integer(0, 65_535),
    default: '7780',
    description: 'TCP port to listen on; 0 for any free one.',
  }),
  publicUrl: setting({
    env: 'KOPILKA_PUBLIC_URL',
    kind: optionalUrl('http', 'https'),
    default: '',
    description:
      'Address that clients use, as in the API description; empty for the listening address.',
  }),
  trustedProxies: setting({
    env: 'KOPILKA_TRUSTED_PROXIES',
    kind: integer(0, 16),
    default: '0',
    description: 'How many gateways in front may name the client in X-Forwarded-For.',
  }),
  roles: setting({
    env: 'KOPILKA_ROLES',
    kind: listOf(oneOf('all', ...roles)),
    default: 'all',
    description: 'What this process does.',
  }),
  homeTenant: setting({
    env: 'KOPILKA_HOME_TENANT',
    kind: text,
    default: 'demo',
    description: 'Programme whose owners may open others, and replay and rebuild read models.',
  }),
  eventStoreUrl: setting({
    env: 'KOPILKA_EVENTSTORE_URL',
    kind: optionalUrl('esdb', 'esdb+discover'),
    default: '',
    secret: true,
    description: 'EventStoreDB connection string; empty for the embedded log.',
  }),
  eventStoreLinks: setting({
    env: 'KOPILKA_EVENTSTORE_LINKS',
    kind: listOf(oneOf('none', ...linkIndexes)),
    default: 'none',
    description:
      'Streams of links that the embedded log keeps: categories ($ce-…), types ($et-…), streams ($streams).',
  }),
  eventStoreHost: setting({
    env: 'KOPILKA_EVENTSTORE_HOST',
    kind: text,
    default: '127.0.0.1',
    description:
      'Address that the embedded log listens on; other machines are served with TLS and users only.',
  }),
  eventStorePort: setting({
    env: 'KOPILKA_EVENTSTORE_PORT',
    kind: integer(0, 65_535),
    default: '0',
    description: 'TCP port that the embedded log listens on; 0 for any free one.',
  }),
  eventStoreCertificateFile: setting({
    env: 'KOPILKA_EVENTSTORE_CERTIFICATE_FILE',
    kind: text,
    default: '',
    description:
      'Certificate of the embedded log (PEM), valid for localhost too; empty for no TLS and no users.',
  }),
  eventStoreKeyFile: setting({
    env: 'KOPILKA_EVENTSTORE_KEY_FILE',
    kind: text,
    default: '',
    description: 'Private key of that certificate (PEM).',
  }),
  eventStoreAuthorityFile: setting({
    env: 'KOPILKA_EVENTSTORE_AUTHORITY_FILE',
    kind: text,
    default: '',
    description: 'Authority that issued it (PEM); empty for one that every machine trusts.',
  }),
  eventStoreUsersFile: setting({
    env: 'KOPILKA_EVENTSTORE_USERS_FILE',
    kind: text,
    default: '',
    description: 'Users of the embedded log, a line each: name:hash:group,group.',
  }),
  postgresUrl: setting({
    env: 'KOPILKA_POSTGRES_URL',
    kind: optionalUrl('postgres', 'postgresql'),
    default: '',
    secret: true,
    description: 'PostgreSQL connection string; empty for the embedded server.',
  }),
  postgresPoolSize: setting({
    env: 'KOPILKA_POSTGRES_POOL_SIZE',
    kind: integer(2, 200),
    default: '16',
    description: 'Most connections to PostgreSQL of one process.',
  }),
  mongodbUrl: setting({
    env: 'KOPILKA_MONGODB_URL',
    kind: optionalUrl('mongodb', 'mongodb+srv'),
    default: '',
    secret: true,
    description:
      'MongoDB connection string, for searches; empty for the embedded store, in memory and filled from the log.',
  }),
  kafkaBrokers: setting({
    env: 'KOPILKA_KAFKA_BROKERS',
    kind: servers,
    default: '',
    description: 'Kafka brokers to begin with; empty for no Kafka.',
  }),
  kafkaClientId: setting({
    env: 'KOPILKA_KAFKA_CLIENT_ID',
    kind: text,
    default: 'kopilka',
    description: 'Name to the brokers, and what names of consumer groups begin with.',
  }),
  kafkaTls: setting({
    env: 'KOPILKA_KAFKA_TLS',
    kind: boolean,
    default: 'false',
    description: 'Whether connections to the brokers are encrypted.',
  }),
  kafkaAuthorityFile: setting({
    env: 'KOPILKA_KAFKA_AUTHORITY_FILE',
    kind: text,
    default: '',
    description: 'Authority of the brokers (PEM); empty for one that every machine trusts.',
  }),
  kafkaSasl: setting({
    env: 'KOPILKA_KAFKA_SASL',
    kind: oneOf('none', 'plain', 'scram-sha-256', 'scram-sha-512'),
    default: 'none',
    description: 'How the brokers are told who connects; plain only with TLS.',
  }),
  kafkaUser: setting({
    env: 'KOPILKA_KAFKA_USER',
    kind: text,
    default: '',
    description: 'User for the brokers.',
  }),
  kafkaPassword: setting({
    env: 'KOPILKA_KAFKA_PASSWORD',
    kind: text,
    default: '',
    secret: true,
    description: 'Its password.',
  }),
  kafkaTopicPrefix: setting({
    env: 'KOPILKA_KAFKA_TOPIC_PREFIX',
    kind: text,
    default: 'kopilka.{tenant}.',
    description:
      'What names of Kafka topics begin with; {tenant} keeps programmes apart, leave it out only where there is one.',
  }),
  kafkaCreateTopics: setting({
    env: 'KOPILKA_KAFKA_CREATE_TOPICS',
    kind: boolean,
    default: 'true',
    description: 'Whether Kafka topics that are missing are made.',
  }),
  kafkaOutreach: setting({
    env: 'KOPILKA_KAFKA_OUTREACH',
    kind: ids,
    default: '',
    description:
      'Programmes that take requests for messages from Kafka, by the topics outreach.otp, outreach.transactional, outreach.service and outreach.marketing behind the prefix.',
  }),
  logLevel: setting({
    env: 'KOPILKA_LOG_LEVEL',
    kind: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    default: 'info',
    description: 'Least severe log lines that are written.',
  }),
  logFormat: setting({
    env: 'KOPILKA_LOG_FORMAT',
    kind: oneOf('auto', 'pretty', 'json'),
    default: 'auto',
    description: 'pretty is for people, json for programs; auto is pretty on a terminal.',
  }),
  logFile: setting({
    env: 'KOPILKA_LOG_FILE',
    kind: text,
    default: '',
    description: 'File that log lines are appended to; empty for standard error.',
  }),
  gelfUrl: setting({
    env: 'KOPILKA_GELF_URL',
    kind: gelfReceiver,
    default: '',
    secret: true,
    description: 'Receiver of logs, such as Graylog, that gets every line too; empty for none.',
  }),
  gelfBufferLines: setting({
    env: 'KOPILKA_GELF_BUFFER',
    kind: integer(100, 1_000_000),
    default: '10000',
    description:
      'Most log lines that wait for that receiver; beyond, they are dropped and counted, the least severe first.',
  }),
  otlpUrl: setting({
    env: 'KOPILKA_OTLP_URL',
    kind: optionalUrl('http', 'https'),
    default: '',
    secret: true,
    description:
      'OpenTelemetry collector that gets traces by OTLP over HTTP; empty for no tracing.',
  }),
  otlpShare: setting({
    env: 'KOPILKA_OTLP_SHARE',
    kind: share,
    default: '0.1',
    description:
      'How many of the traces that begin here are kept; the same trace in every process.',
  }),
  metrics: setting({
    env: 'KOPILKA_METRICS',
    kind: boolean,
    default: 'true',
    description: 'Whether /metrics is served.',
  }),
  bodyLimitBytes: setting({
    env: 'KOPILKA_BODY_LIMIT_BYTES',
    kind: integer(1_024, 67_108_864),
    default: '262144',
    description: 'Largest request body in bytes.',
  }),
  rateLimitPerSecond: setting({
    env: 'KOPILKA_RATE_LIMIT_PER_SECOND',
    kind: integer(0, 1_000_000),
    default: '10000',
    description:
      'Requests a second of one till, app or operator, twice that at once; 0 for no limit.',
  }),
  exchangeStreams: setting({
    env: 'KOPILKA_EXCHANGE_STREAMS',
    kind: integer(0, 100_000),
    default: '1000',
    description: 'Most streams of events (server-sent events) that one process keeps open.',
  }),
  exchangeStreamsPerPartner: setting({
    env: 'KOPILKA_EXCHANGE_STREAMS_PER_PARTNER',
    kind: integer(1, 100_000),
    default: '20',
    description: 'Most of them of one partner.',
  }),
  monitoringToken: setting({
    env: 'KOPILKA_MONITORING_TOKEN',
    kind: text,
    default: '',
    secret: true,
    description: 'Bearer token that opens /metrics to other machines; empty: only to this one.',
  }),
  requestTimeoutMs: setting({
    env: 'KOPILKA_REQUEST_TIMEOUT_MS',
    kind: integer(100, 600_000),
    default: '30000',
    description: 'Longest time to answer a request, in milliseconds.',
  }),
  shutdownDeadlineMs: setting({
    env: 'KOPILKA_SHUTDOWN_DEADLINE_MS',
    kind: integer(100, 600_000),
    default: '10000',
    description:
      'Longest time from the signal to stop until the end of the process, in milliseconds.',
  }),
  webhookPrivateNetworks: setting({
    env: 'KOPILKA_WEBHOOK_PRIVATE_NETWORKS',
    kind: networks,
    default: '',
    description:
      'Private networks that webhooks and providers of messages may reach, also by plain http to an address; for tests and intranets.',
  }),
  webhookUnverified: setting({
    env: 'KOPILKA_WEBHOOK_UNVERIFIED',
    kind: boolean,
    default: 'false',
    description:
      'Whether subscriptions may go without asking their endpoint first; for tests and intranets.',
  }),
  deliveriesKeptDays: setting({
    env: 'KOPILKA_DELIVERIES_KEPT_DAYS',
    kind: integer(0, 3_650),
    default: '90',
    description:
      'How long records of deliveries to webhooks stay in the log, in days, and up to a ninth longer; 0: for ever.',
  }),
  accountCacheEntries: setting({
    env: 'KOPILKA_ACCOUNT_CACHE_ENTRIES',
    kind: integer(0, 10_000_000),
    default: '100000',
    description: 'Accounts kept in memory between commands.',
  }),
} as const;

type Settings = typeof settings;
export type SettingName = keyof Settings;
export type Config = {
  readonly [Name in SettingName]: Settings[Name] extends Setting<infer T> ? T : never;
};
/** Values from the command line, as text; they win over the environment. */
export type Overrides = { readonly [Name in SettingName]?: string | undefined };
type Environment = Readonly<Record<string, string | undefined>>;

const names = Object.keys(settings) as SettingName[];

/** Every fault at once, so that a faulty deployment is mended in one go. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the configuration. An empty variable counts as absent.
 * @throws ConfigError with all faults.
 */
export const readConfig = (environment: Environment, overrides: Overrides = {}): Config => {
  const faults: string[] = [];
  const entries = names.map((name) => {
    const { env, kind, default: fallback } = settings[name];
    const override = overrides[name];
    const source = override === undefined ? env : `--${name}`;
    try {
      return [name, kind.parse(override ?? (environment[env] || fallback))];
    } catch (error) {
      faults.push(`${source}: ${(error as Error).message}`);
      return [name, undefined];
    }
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(Object.fromEntries(entries) as Config);
};

/** Variables that look like ours and are none: most likely slips, worth a warning. */
export const unknownVariables = (environment: Environment): readonly string[] => {
  const known = new Set<string>(names.map((name) => settings[name].env));
  return Object.keys(environment).filter((name) => name.startsWith('KOPILKA_') && !known.has(name));
};

const hidden = (value: string): string => {
  if (value !== '' && !value.includes('://')) return '(hidden)';
  return (
    value
      // Up to the last @ before the path: a password may hold one itself.
      .replace(/^([a-z+]+:\/\/[^:/]*):[^/]*@/, '$1:(hidden)@')
      // Others go as an argument.
      .replace(/([?&][^=&]*(?:token|key|secret|password)[^=&]*)=[^&]*/gi, '$1=(hidden)')
  );
};

/** The configuration for the log: secrets hidden. */
export const printableConfig = (config: Config): Readonly<Record<SettingName, unknown>> =>
  Object.fromEntries(
    names.map((name) => {
      const definition: Setting<unknown> = settings[name];
      const value = config[name];
      return [name, definition.secret ? hidden(String(value)) : value];
    }),
  ) as Record<SettingName, unknown>;

const row = (name: SettingName): string => {
  const { env, kind, default: fallback, description, secret }: Setting<unknown> = settings[name];
  const shown = fallback === '' ? '(empty)' : `\`${fallback}\``;
  const note = secret ? ' Secret.' : '';
  return `| \`${env}\` | ${name} | ${kind.description} | ${shown} | ${description}${note} |`;
};

/** The table as markdown: docs/reference/configuration.md. */
export const renderReference = (): string =>
  [
    '# Configuration',
    '',
    'Settings are read once at the start, from the environment; options of the command line win over it.',
    'An empty variable counts as absent. All faults are reported together, and nothing starts then.',
    'This page is the table in `platform/config.ts`, rendered; a test holds the two together.',
    '',
    '| variable | name | value | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...names.map(row),
    '',
  ].join('\n');
