/** What publishes: the command, what it judges by, and the trials of schemas; shared by the partners' routes and the operators'. */
import { setTimeout as wait } from 'node:timers/promises';
import type { History } from '../../api/audit/history.js';
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import type { Arrivals } from '../../commands/publication/arrivals.js';
import { createEraseSubject } from '../../commands/publication/eraseSubject.js';
import { createPreview } from '../../commands/publication/preview.js';
import { createPublish } from '../../commands/publication/publish.js';
import { createRefusals } from '../../commands/publication/refusals.js';
import { createReveal } from '../../commands/publication/reveal.js';
import { createCompiledSchemas } from '../../commands/schema/compile.js';
import { createSchemaJudge } from '../../commands/schema/judge.js';
import { createSchemaTrials } from '../../commands/schema/trials.js';
import type { Config } from '../config.js';
import type { Logger } from '../logging.js';

export const openPublishing = (parts: {
  readonly handler: Handler;
  readonly log: Log;
  readonly arrivals: Arrivals;
  readonly personalKeys: PersonalKeys;
  readonly history: Pick<History, 'stream'>;
  readonly logger: Logger;
  readonly stopping: AbortSignal;
  readonly config: Pick<Config, 'requestTimeoutMs'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}) => {
  const { handler, log, arrivals, personalKeys: keys, history, logger, stopping, now } = parts;
  const { directory } = handler;
  const schemaJudge = createSchemaJudge(createCompiledSchemas());
  const lastPlace = async (stream: string): Promise<number | null> => {
    const latest = { direction: 'backwards', from: null, limit: 1 } as const;
    const { facts } = await history.stream(stream, latest);
    return facts[0]?.revision ?? null;
  };
  const schemaTrials = createSchemaTrials({
    handler,
    log,
    lastPlace,
    now,
    reveal: createReveal(keys),
    onFailed: ({ trialId, topicId }, error) =>
      logger.error({ err: error, trialId, topicId }, 'the trial of a schema failed'),
  });
  stopping.addEventListener('abort', () => void schemaTrials.stop(), { once: true });
  return {
    handler,
    stopping,
    uploadMs: parts.config.requestTimeoutMs * 0.8,
    schemaTrials,
    publish: createPublish({ log, directory, arrivals, keys, schemaJudge }),
    preview: createPreview({ directory, schemaJudge }),
    refusals: createRefusals({ directory, schemaJudge, keys }),
    eraseSubject: createEraseSubject(handler, keys),
    sleep: (milliseconds: number, signal: AbortSignal) =>
      wait(milliseconds, undefined, { signal }).catch(() => undefined),
  };
};
