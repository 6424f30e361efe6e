/**
 * `kopilka start`: runs the server until it is told to stop. Ctrl-C stops it in order, a second one at once.
 */
import type { Command } from 'commander';
import type { Kopilka } from '../platform/compose.js';
import {
  type Config,
  ConfigError,
  type Overrides,
  readConfig,
  printableConfig,
  unknownVariables,
} from '../platform/config.js';
import { roles } from '../platform/config/process.js';
import { onSignals } from '../platform/lifecycle.js';
import type { Logger } from '../platform/logging.js';
import { openLogging, type OpenLogging } from '../platform/logging/open.js';
import { exitCodes, Failure } from './failure.js';
import { colours } from './output/colours.js';
import { assertLogFile, assertStartable } from './startable.js';
import { startFaultOf } from './startFault.js';

interface Options {
  readonly data?: string;
  readonly port?: string;
  readonly host?: string;
  readonly roles?: string;
  readonly logLevel?: string;
  readonly logFormat?: string;
  readonly logFile?: string;
}

const help = `
Without settings everything runs on this machine: the real PostgreSQL and an
event store node from npm packages, in DIR. With KOPILKA_POSTGRES_URL and
KOPILKA_EVENTSTORE_URL it uses those servers instead. All settings are in
docs/reference/configuration.md; options win over the environment.

When it is ready, DIR/ready.json (readable by you alone) holds url, pid, till
token and operator login for scripts.

Examples:
  npm start
  npm start -- --data /var/lib/shop --port 8080
  npm start -- --port 0 --log-file kopilka.log
  KOPILKA_LOG_LEVEL=warn npm start`;

export const addStartCommand = (program: Command): void => {
  program
    .command('start')
    .description('start the server and wait until it is told to stop')
    .option('--data <dir>', 'folder for everything this machine keeps (default: ./data)')
    .option('--port <n>', 'TCP port to listen on, 0 for any free one (default: 7780)')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option(
      '--roles <list>',
      `what this process does, separated by commas (default: all): ${roles.join(', ')}`,
    )
    .option(
      '--log-level <level>',
      'trace, debug, info, warn, error, fatal or silent (default: info)',
    )
    .option('--log-format <format>', 'auto, pretty or json (default: auto, pretty on a terminal)')
    .option('--log-file <file>', 'file that log lines are appended to, instead of standard error')
    .addHelpText('after', help)
    .action(start);
};

/** For the last lines, once everything else has stopped. */
const logsDeadlineMs = 2_000;

const start = async (options: Options): Promise<void> => {
  const config = configOf(options);
  const logging = await openLogging(config);
  const { logger } = logging;
  for (const name of unknownVariables(process.env)) {
    logger.warn({ name }, 'no such setting: see docs/reference/configuration.md');
  }
  logger.info({ config: printableConfig(config) }, 'starting');
  const kopilka = await composed(config, logging);
  process.stdout.write(banner(kopilka));
  const reason = await untilStopped(kopilka, logger);
  const clean = await kopilka.stop(reason.text);
  await logging.close(logsDeadlineMs);
  if (reason.failed) process.stderr.write(`Kopilka has stopped: ${reason.text}\n`);
  // What is still open (a socket that somebody holds) must not keep a stopped server alive.
  process.exit(reason.failed || !clean ? exitCodes.failed : exitCodes.ok);
};

const configOf = (options: Options): Config => {
  const { data: dataDir, ...rest } = options;
  const overrides: Overrides = { ...rest, ...(dataDir === undefined ? {} : { dataDir }) };
  try {
    const config = readConfig(process.env, overrides);
    assertLogFile(config.logFile);
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const advice = 'See docs/reference/configuration.md, or kopilka start --help.';
    throw new Failure(asTyped(error.message), { exitCode: exitCodes.usage, advice });
  }
};

/** Overrides go by their names in code; people typed `--log-level`. */
const asTyped = (message: string): string =>
  message.replace(/^ {2}--\w+:/gm, (option) =>
    option.replace('dataDir', 'data').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
  );

const composed = async (config: Config, logging: OpenLogging): Promise<Kopilka> => {
  const { logger } = logging;
  // Only this command needs the whole house; the others start faster without it.
  const { composeKopilka } = await import('../platform/compose.js');
  // A stop that is asked for while parts are still starting.
  const remove = onSignals({
    onFirst: () => logger.warn({}, 'still starting: once more ends at once'),
    onSecond: () => process.exit(exitCodes.failed),
  });
  try {
    await assertStartable(config);
    return await composeKopilka(config, logger, logging);
  } catch (error) {
    throw await couldNotStart(error, config, logging);
  } finally {
    remove();
  }
};

/** Who named a taken port needs no stack; who looks for a fault of the program does. */
const couldNotStart = async (
  error: unknown,
  config: Config,
  { logger, close }: OpenLogging,
): Promise<Failure> => {
  const fault = startFaultOf(error, config);
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (fault) logger.fatal({ reason: fault.reason, ...(code && { code }) }, 'could not start');
  else logger.fatal({ err: error }, 'could not start');
  await close(logsDeadlineMs);
  const { reason, advice } = fault ?? {
    reason: error instanceof Error ? error.message : String(error),
    advice: 'The log tells more; with --log-level debug it tells most.',
  };
  return new Failure(`Kopilka could not start: ${reason}${/[.:]$/.test(reason) ? '' : '.'}`, {
    exitCode: exitCodes.failed,
    advice,
  });
};

const untilStopped = (
  kopilka: Kopilka,
  logger: Logger,
): Promise<{ readonly text: string; readonly failed: boolean }> =>
  new Promise((resolve) => {
    onSignals({
      onFirst: (signal) => resolve({ text: signal, failed: false }),
      onSecond: () => process.exit(exitCodes.failed),
    });
    void kopilka.failed.then((error) => {
      logger.fatal({ err: error }, 'a part that nothing works without has ended');
      resolve({ text: error.message, failed: true });
    });
  });

const banner = ({ url, dataDir, credentials, postgresUrl }: Kopilka): string => {
  const { bold, dim, green } = colours(process.stdout);
  const lines = [
    '',
    `${green('Kopilka is ready.')} ${dim(`data in ${dataDir}`)}`,
    '',
    `  API documentation   ${bold(`${url}/docs`)}`,
    `  POS API             ${url}/pos/v1`,
    `  Admin, audit        ${url}/admin/v1  ${url}/audit/v1`,
    `  Exchange            ${url}/exchange/v1`,
    `  Messages            ${url}/outreach/v1`,
    `  Health, metrics     ${url}/health/ready  ${url}/metrics`,
  ];
  if (postgresUrl) lines.push(`  Read models (psql)  ${postgresUrl}`);
  if (credentials) {
    const { tillToken, operator, userId } = credentials;
    lines.push(
      '',
      `  Till token          ${tillToken}`,
      `  Operator            ${operator.login}  password ${operator.password}`,
      '',
      '  Confirm a first purchase:',
      '',
      curlLine(url, tillToken, userId),
    );
  }
  return `${lines.join('\n')}\n\n${dim('Ctrl-C stops it.')}\n`;
};

/** One line, to be pasted as it is: each run makes a new receipt number. */
const curlLine = (url: string, token: string, userId: string): string =>
  `curl -sS ${url}/pos/v1/users/${userId}/purchases/ -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' ` +
  `-d '{"purchaseId":"R'$(date +%s)'","lines":[{"productId":"coffee","quantity":2,"price":350},{"productId":"bun","quantity":1,"price":280}]}'`;
