/**
 * A file of events, one a line, published batch by batch while it arrives. A line that is at fault is left out and told; what is left of
 * a batch is published as a whole or not at all. Each batch is one command under a key of its own, made of the upload's key and the number
 * of its first line: sent again, the same file has the same batches, and is answered with the same places. Lines are never published
 * by themselves: a batch that broke off among them could not be told from one that was never sent, and would be published again.
 */
import { VersionConflict } from '../../commands/log.js';
import type { Preview } from '../../commands/publication/preview.js';
import { type Publish, publicationsMax } from '../../commands/publication/publish.js';
import { PublishedTooFast } from '../../commands/publication/rates.js';
import type { Refusals } from '../../commands/publication/refusals.js';
import type { CommandContext } from '../../commands/command.js';
import { type Fault, InvalidInput } from '../../commands/validation.js';
import type { PartnerId, TopicId } from '../../domain/ids.js';
import type { Publication } from '../../domain/publication/publication.js';
import { Rejected } from '../../domain/rejected.js';
import { parseJson } from '../body.js';
import { carryOutLines, type UploadStart } from '../bulk/batches.js';
import type { BulkAnswer, Telling } from '../bulk/telling.js';
import { Refused } from '../refused.js';
import type { Upload } from '../upload.js';
import { fromJson, wirePointer } from './cloudEvents.js';

export const bulkLinesMax = 50_000;
export const bulkBytesMax = 67_108_864;
export const bulkLineMax = 65_536;
/** Characters; what one append of the log takes easily. */
const batchCharactersMax = 200_000;
const jsonDepthMax = 32;
/** Of a line. */
const faultsMax = 5;

export interface BulkParts {
  readonly publish: Publish;
  readonly preview: Preview;
  readonly refusals: Refusals;
  /** Resolves after so many milliseconds, or when the signal aborts. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** How long an upload is read: the server would hang up on one that takes longer. */
  readonly uploadMs: number;
}

export interface Bulk extends UploadStart {
  readonly topicId: TopicId;
  readonly partnerId: PartnerId;
  readonly context: CommandContext;
}

interface Waiting {
  readonly line: number;
  readonly publication: Publication;
}

const faultsOf = (error: unknown): readonly Fault[] => {
  if (error instanceof InvalidInput) return error.faults.slice(0, faultsMax);
  if (error instanceof Refused) return [{ pointer: '', reason: error.message }];
  throw error;
};

/** What a topic asks may change while a batch is looked at again. */
const leftOutMax = 2;

/** A log that takes appends as a whole refuses one that only begins like a repeat. */
const isReused = (error: unknown): boolean =>
  error instanceof VersionConflict ||
  (error instanceof Rejected && error.code === 'idempotency-key-reused');

/** Ends the upload: nothing of what follows could be published either. */
const ending = new Set<string>([
  ...['topic-not-found', 'not-topic-owner', 'topic-archived', 'partner-not-found', 'revoked'],
  'tenant-not-found',
]);

/** @param signal aborts where nobody listens any more, or the process is to stop. */
export const publishLines = async (
  { publish, preview, refusals, sleep, uploadMs }: BulkParts,
  { topicId, partnerId, context, ...start }: Bulk,
  upload: Upload,
  telling: Telling,
  signal: AbortSignal,
): Promise<void> => {
  const until = performance.now() + uploadMs;
  const counts = { published: 0, refused: 0 };
  let batch: Waiting[] = [];
  /** In the order of the lines, told when the batch is in the log. */
  let results = new Map<number, BulkAnswer>();

  const refuse = (of: number, answer: BulkAnswer): void => {
    counts.refused += 1;
    results.set(of, { line: of, ...answer });
  };

  const publishAll = async (waiting: readonly Waiting[], key: string): Promise<void> => {
    const input = { topicId, partnerId, publications: waiting.map((one) => one.publication) };
    const idempotencyKey = `${context.idempotencyKey}/bulk/${key}`;
    const { items, repeated } = await publish(input, { ...context, idempotencyKey });
    items.forEach(({ id, place }, i) => {
      const of = waiting[i]?.line ?? 0;
      counts.published += 1;
      results.set(of, { line: of, id, place, ...(repeated ? { repeated } : {}) });
    });
  };

  const patiently = async (waiting: readonly Waiting[], key: string): Promise<void> => {
    for (;;) {
      try {
        return await publishAll(waiting, key);
      } catch (error) {
        const isWaitedFor =
          error instanceof PublishedTooFast && performance.now() + error.waitMs < until;
        if (!isWaitedFor) throw error;
        await sleep(error.waitMs, signal);
        signal.throwIfAborted();
      }
    }
  };

  /** Leaves out the lines that spoil it for all. @returns false: there are none. */
  const leaveOut = async (): Promise<boolean> => {
    const publications = batch.map((one) => one.publication);
    const reasons = await refusals({ topicId, partnerId, publications }, context);
    batch.forEach(({ line: of }, i) => {
      const reason = reasons[i];
      if (reason) refuse(of, { code: reason.code, reason: reason.message });
    });
    batch = batch.filter((_one, i) => !reasons[i]);
    return reasons.some((reason) => reason !== null);
  };

  const publishBatch = async (key: string): Promise<void> => {
    for (let tries = 0; batch.length > 0; tries += 1) {
      try {
        return await patiently(batch, key);
      } catch (error) {
        if (isReused(error)) {
          const code = 'idempotency-key-reused';
          const reason = 'Under this key something else was published at these lines.';
          return void batch.forEach((one) => refuse(one.line, { code, reason }));
        }
        const isOfOne = error instanceof Rejected && !ending.has(error.code);
        if (!isOfOne || tries >= leftOutMax || !(await leaveOut())) throw error;
      }
    }
  };

  const carryOut = async (first: number): Promise<void> => {
    await publishBatch(String(first));
    for (const [, result] of [...results].sort(([a], [b]) => a - b)) telling.tell(result);
    batch = [];
    results = new Map();
  };

  const take = (text: string, line: number): void => {
    try {
      const publication = fromJson(parseJson(text, { jsonDepthMax }), '');
      const [judged] = preview({ topicId, partnerId, publications: [publication] }, context);
      if (judged?.accepted) return void batch.push({ line, publication });
      const faults = (judged?.faults ?? []).slice(0, faultsMax).map((fault) => ({
        ...fault,
        pointer: wirePointer(fault.pointer),
      }));
      refuse(line, { id: publication.id, faults });
    } catch (error) {
      if (error instanceof Rejected) throw error;
      refuse(line, { faults: faultsOf(error) });
    }
  };

  const batches = {
    ...start,
    uploadMs,
    linesMax: bulkLinesMax,
    counts,
    take,
    carryOut,
    batchLinesMax: publicationsMax,
    batchCharactersMax,
  };
  await carryOutLines(batches, upload, telling, signal);
};
