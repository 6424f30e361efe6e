/**
 * `kopilka init`: the first programme and its first owner, on servers of one's own. Where the stores are the embedded ones, `npm start`
 * has made a programme to try things out with already.
 */
import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { OperatorId, TenantId } from '../domain/ids.js';
import { type Config, ConfigError, readConfig } from '../platform/config.js';
import { createLogger } from '../platform/logging.js';
import { exitCodes, Failure } from './failure.js';
import { colours } from './output/colours.js';

interface Options {
  readonly name: string;
  readonly currency: string;
  readonly gsrnPrefix: string;
  readonly owner: string;
  readonly ownerName: string;
  readonly json: boolean;
}

const help = `
Reads the same settings as start: KOPILKA_EVENTSTORE_URL and
KOPILKA_POSTGRES_URL name the servers, KOPILKA_HOME_TENANT the programme. The
owner's password is KOPILKA_PASSWORD, or is made up and shown this once.
Repeated, it changes nothing.

Examples:
  kopilka init --name 'Corner shops' --currency EUR --gsrn-prefix 8018123
  docker compose run --rm console node dist/cli/main.js init --name 'Corner shops' --currency EUR --gsrn-prefix 8018123`;

export const addInitCommand = (program: Command): void => {
  program
    .command('init')
    .description('open the first programme of an installation, with its first owner')
    .requiredOption('--name <name>', 'of the programme, as people know it')
    .requiredOption('--currency <code>', 'ISO 4217, for instance EUR')
    .requiredOption('--gsrn-prefix <digits>', "1 to 10 digits that customers' numbers begin with")
    .option('--owner <login>', 'login of the owner', 'owner')
    .option('--owner-name <name>', 'name of the owner', 'Owner')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', help)
    .action(init);
};

const init = async (options: Options): Promise<void> => {
  const config = configured();
  const given = process.env['KOPILKA_PASSWORD'];
  const password = given ?? randomBytes(15).toString('base64url');
  const { openFirstProgramme, ProgrammeRefused } =
    await import('../platform/compose/firstProgramme.js');
  const logger = createLogger({ ...config, logLevel: 'warn' });
  const tenant = config.homeTenant as TenantId;
  const made = await openFirstProgramme(config, logger, {
    tenant,
    name: options.name,
    currency: options.currency,
    gsrnPrefix: options.gsrnPrefix,
    owner: { login: options.owner as OperatorId, name: options.ownerName, password },
  }).catch((error: unknown) => {
    throw explained(error, error instanceof ProgrammeRefused);
  });
  const shown = made && given === undefined ? { password } : {};
  if (options.json) {
    process.stdout.write(`${JSON.stringify({ tenant, made, owner: options.owner, ...shown })}\n`);
    return;
  }
  process.stdout.write(made ? opened(tenant, options.owner, shown) : found(tenant));
};

const opened = (tenant: string, owner: string, { password }: { password?: string }): string => {
  const { bold, green } = colours(process.stdout);
  const secret = password === undefined ? 'as given by KOPILKA_PASSWORD' : bold(password);
  return [
    green(`The programme ${tenant} is open.`),
    '',
    `  Login     ${bold(owner)}`,
    `  Password  ${secret}`,
    '',
    'Next: log on at POST /pos/v1/logon, then set the rule of the programme and register merchants and tills under /admin/v1.',
    '',
  ].join('\n');
};

const found = (tenant: string): string =>
  `The programme ${tenant} has operators already: nothing was changed.\n`;

const configured = (): Config => {
  let config: Config;
  try {
    config = readConfig(process.env, {});
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const advice = 'See docs/reference/configuration.md.';
    throw new Failure(error.message, { exitCode: exitCodes.usage, advice });
  }
  if (config.eventStoreUrl) return config;
  throw new Failure('The embedded log has a programme already: npm start makes one.', {
    exitCode: exitCodes.usage,
    advice: 'Set KOPILKA_EVENTSTORE_URL and KOPILKA_POSTGRES_URL to the servers to set up.',
  });
};

const explained = (error: unknown, refused: boolean): Failure =>
  refused
    ? new Failure((error as Error).message, {
        exitCode: exitCodes.usage,
        advice: 'Mend the option that it names.',
      })
    : new Failure((error as Error).message, {
        exitCode: exitCodes.unreachable,
        advice: 'Check KOPILKA_EVENTSTORE_URL and KOPILKA_POSTGRES_URL.',
      });
