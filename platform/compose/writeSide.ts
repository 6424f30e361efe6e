/**
 * The write side of this process: the directory, the handler, and one log line and measurement for every command.
 */
import { createBirthdays } from '../../commands/birthdays.js';
import { createCouponKeys } from '../../commands/coupon/keys.js';
import { giftCardKeyPurpose } from '../../commands/giftCards.js';
import { createDirectory } from '../../commands/directory.js';
import { type CommandRecord, createHandler, type Handler } from '../../commands/handle.js';
import { createPersonalData, type PersonalKeys } from '../../commands/personalData.js';
import { createReferralKeys } from '../../commands/referral/codes.js';
import { createSeeds } from '../../commands/seeds.js';
import { InvalidInput } from '../../commands/validation.js';
import { Rejected } from '../../domain/rejected.js';
import type { Log } from '../../commands/log.js';
import type { Snapshots } from '../../commands/snapshots.js';
import type { Logger } from '../logging.js';
import type { Metrics } from '../metrics.js';

export const openWriteSide = (options: {
  readonly log: Log;
  readonly snapshots: Snapshots;
  readonly keys: PersonalKeys;
  readonly cacheEntries: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
}): Handler => {
  const { log, snapshots, keys, cacheEntries, logger, metrics } = options;
  const observe = observer(logger, metrics);
  const handler = createHandler({
    log,
    snapshots,
    cacheEntries,
    directory: createDirectory({
      couponKeys: createCouponKeys(keys),
      giftCardKeys: createCouponKeys(keys, giftCardKeyPurpose),
      seeds: createSeeds(keys),
      referralKeys: createReferralKeys(keys),
      birthdays: createBirthdays(createPersonalData(keys)),
    }),
    onHandled: observe,
    onSnapshotFailed: (stream, error) =>
      logger.warn({ err: error, stream }, 'a snapshot could not be saved'),
  });
  metrics.gauge({
    name: 'kopilka_streams_cached',
    help: 'Streams whose state is held in memory.',
    collect() {
      this.set(handler.streamsCached());
    },
  });
  return handler;
};

type Outcome = 'recorded' | 'repeated' | 'invalid' | 'rejected' | 'failed';

const outcomeOf = ({ error, repeated }: CommandRecord): Outcome => {
  if (error === null) return repeated ? 'repeated' : 'recorded';
  if (error instanceof InvalidInput) return 'invalid';
  return error instanceof Rejected ? 'rejected' : 'failed';
};

const observer = (logger: Logger, metrics: Metrics): ((record: CommandRecord) => void) => {
  const seconds = metrics.histogram({
    name: 'kopilka_command_seconds',
    help: 'Time to carry out a command, by outcome.',
    labelNames: ['command', 'outcome'],
  });
  const attempts = metrics.counter({
    name: 'kopilka_command_races_lost_total',
    help: 'Decisions taken again because the stream had changed.',
    labelNames: ['command'],
  });
  // The labels of a series are hashed once, not for every command.
  const series = new Map<string, { observe(value: number): void }>();
  const seriesOf = (command: string, outcome: Outcome) => {
    const key = `${command} ${outcome}`;
    let found = series.get(key);
    if (!found) series.set(key, (found = seconds.labels(command, outcome)));
    return found;
  };
  return (record) => {
    const outcome = outcomeOf(record);
    const { command } = record;
    seriesOf(command, outcome).observe(record.milliseconds / 1_000);
    if (record.attempts > 1) attempts.inc({ command }, record.attempts - 1);
    // The request's own line tells of the rest; at debug every command has one.
    const level = outcome === 'failed' ? 'error' : 'debug';
    if (!logger.isLevelEnabled(level)) return;
    logger[level](
      {
        command,
        outcome,
        stream: record.stream,
        commandId: record.commandId,
        tenant: record.context.tenant,
        actor: record.context.actor,
        correlationId: record.context.correlationId,
        causationId: record.context.causationId,
        events: record.events,
        attempts: record.attempts,
        ms: Math.round(record.milliseconds * 10) / 10,
        ...(record.error === null ? {} : { err: record.error }),
      },
      'command',
    );
  };
};
