/**
 * Opens the first programme of an installation on servers of its own: its home tenant with one owner, who opens everything else over
 * HTTP. Needs the stores alone, so it runs before, beside or without the roles.
 *
 * Safe to be broken off and repeated: what is there already is left as it is, and an owner is made only where there is no operator.
 */
import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../../commands/command.js';
import { registerOperator } from '../../commands/registry/registerOperator.js';
import { registerTenant } from '../../commands/registry/registerTenant.js';
import { InvalidInput } from '../../commands/validation.js';
import type { OperatorId, TenantId } from '../../domain/ids.js';
import { Rejected } from '../../domain/rejected.js';
import { eventDefinitions } from '../../domain/registry.js';
import type { Config } from '../config.js';
import { connect, createLog, disconnect } from '../eventstore/client.js';
import { createCodec } from '../eventstore/codec.js';
import { createFeed } from '../eventstore/feed.js';
import type { Logger } from '../logging.js';
import { createMetrics } from '../metrics.js';
import { migrate } from '../postgres/migrate.js';
import { createPostgresPersonalKeys } from '../postgres/personalKeys.js';
import { createPool } from '../postgres/pool.js';
import { createSnapshots } from '../postgres/snapshots.js';
import { createDirectoryFeed } from './directoryFeed.js';
import { openLog, openPostgres } from './stores.js';
import { openWriteSide } from './writeSide.js';

export interface FirstProgramme {
  readonly tenant: TenantId;
  readonly name: string;
  /** ISO 4217 */
  readonly currency: string;
  /** 1 to 10 digits that the numbers of its customers begin with. */
  readonly gsrnPrefix: string;
  readonly owner: { readonly login: OperatorId; readonly name: string; readonly password: string };
}

/** What was asked for is not valid: the message names each fault. */
export class ProgrammeRefused extends Error {
  override readonly name = 'ProgrammeRefused';
}

const directoryDeadlineMs = 120_000;
const cacheEntries = 100;

/**
 * Whether the owner was made now; false: the programme has operators, and nothing was done.
 * @throws ProgrammeRefused, and what the stores throw.
 */
export const openFirstProgramme = async (
  config: Config,
  logger: Logger,
  wanted: FirstProgramme,
): Promise<boolean> => {
  const closings: (() => Promise<unknown>)[] = [];
  const opened = <T>(part: T, close: () => Promise<unknown>): T => {
    closings.unshift(close);
    return part;
  };
  const onExit = (error: Error) => logger.error({ err: error }, 'a store has ended');
  try {
    const postgres = await openPostgres(config, logger, onExit);
    opened(postgres, () => postgres.stop());
    await migrate(postgres.config, { logger });
    const pool = createPool(postgres.config, {
      applicationName: 'kopilka-init',
      max: 2,
      onIdleError: (error) => logger.warn({ err: error }, 'a connection to PostgreSQL broke'),
    });
    opened(pool, () => pool.end());
    const store = await openLog(config, postgres, logger, onExit);
    opened(store, () => store.stop());
    const client = connect(store.connectionString);
    opened(client, () => disconnect(client));
    const codec = createCodec(eventDefinitions);
    const handler = openWriteSide({
      log: createLog(client, codec),
      snapshots: createSnapshots(pool),
      keys: createPostgresPersonalKeys(pool),
      cacheEntries,
      logger,
      metrics: createMetrics(),
    });
    const feed = createDirectoryFeed(createFeed(client, codec), handler.directory, (error) =>
      logger.error({ err: error }, 'the directory cannot be read'),
    );
    opened(feed, () => feed.stop());
    await feed.start(directoryDeadlineMs);
    return await openIn(handler, wanted);
  } catch (error) {
    if (error instanceof InvalidInput || error instanceof Rejected) {
      throw new ProgrammeRefused(error.message, { cause: error });
    }
    throw error;
  } finally {
    for (const close of closings) await close();
  }
};

const openIn = async (
  { handle, directory }: ReturnType<typeof openWriteSide>,
  { tenant, name, currency, gsrnPrefix, owner }: FirstProgramme,
): Promise<boolean> => {
  const context = (idempotencyKey: string): CommandContext => ({
    tenant,
    actor: { kind: 'system', id: 'init' },
    now: Date.now(),
    idempotencyKey,
    correlationId: randomUUID(),
  });
  if ([...directory.operators(tenant)].length > 0) return false;
  if (!directory.tenant(tenant)) {
    await handle(registerTenant, { name, currency, gsrnPrefix }, context('init/tenant'));
  }
  const { login: operatorId, password } = owner;
  const input = { operatorId, name: owner.name, password, roles: ['owner' as const] };
  await handle(registerOperator, input, context('init/owner'));
  return true;
};
