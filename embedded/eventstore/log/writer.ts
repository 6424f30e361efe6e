/**
 * The one writer of the log. While a commit is in flight the next batch gathers (group commit); positions are
 * consecutive from 1, without gaps, because they are counted here and not drawn from a sequence.
 *
 * Invariant: nothing is answered, and nothing published, before PostgreSQL has confirmed its commit. When a commit
 * fails or its outcome is unknown, all heads are dropped and the database is asked what happened before anyone is
 * told: a batch found stored is answered so, one found missing is tried again until its deadline.
 */
import type { EventStoreOptions, Logger } from '../options.js';
import { refuseUnfinished } from '../tools/unfinishedImport.js';
import type { AppendResult, WriteRequest } from './append.js';
import type { Batch } from './batch.js';
import { blockOf } from './batchBlock.js';
import { commitBatch } from './commit.js';
import {
  closeClient,
  isPassingError,
  isStatementError,
  openWriter,
  type WriterConnection,
} from './connection.js';
import { decide, staleHeads } from './decide.js';
import type { Heads } from './heads.js';
import { backOff, nextTurn, pause } from './pause.js';
import type { WriteQueue } from './queue.js';
import type { RecentEvents } from './recent.js';

const STOP_WAIT_MS = 5000;
const STOPPING: AppendResult = {
  kind: 'unavailable',
  reason: 'the event store is stopping: repeat the append',
};

export class LogWriter {
  private connection: WriterConnection['client'] | undefined;
  private stopping = false;
  private arrived: (() => void) | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly options: {
      postgres: EventStoreOptions['postgres'];
      lockWaitMs: number;
      logger: Logger;
    },
    private readonly heads: Heads,
    private readonly queue: WriteQueue,
    private readonly recent: RecentEvents,
  ) {}

  /** Takes the log over. Throws `LogIsTaken`, `ImportUnfinished` or what connecting throws. */
  async start(): Promise<void> {
    await this.connect();
    await refuseUnfinished(this.connection!);
    this.running = this.run();
  }

  submit(request: WriteRequest): void {
    if (this.stopping) return request.answer(STOPPING);
    this.queue.add(request);
    this.arrived?.();
  }

  /** Writes what has been taken in, then lets the log go. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.arrived?.();
    await Promise.race([this.running, pause(STOP_WAIT_MS)]);
    for (const request of this.queue.removeWhere(() => true)) request.answer(STOPPING);
    if (this.connection) await closeClient(this.connection);
  }

  private async connect(): Promise<void> {
    const { postgres, lockWaitMs, logger } = this.options;
    const { client, head } = await openWriter(postgres, lockWaitMs, logger);
    this.connection = client;
    this.heads.clear();
    this.recent.restart(head);
  }

  private async run(): Promise<void> {
    for (;;) {
      if (this.queue.length === 0) {
        if (this.stopping) return;
        await this.arrival();
        await nextTurn();
      }
      await this.process(this.queue.take());
    }
  }

  private arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.arrived = () => {
        this.arrived = undefined;
        resolve();
      };
    });
  }

  private async process(requests: readonly WriteRequest[]): Promise<void> {
    if (requests.length === 0) return;
    const attempt: { batch?: Batch } = {};
    try {
      await this.write(requests, attempt);
    } catch (error) {
      this.heads.clear();
      if (isPassingError(error)) this.refuseForNow(requests, error);
      else if (isStatementError(error)) await this.refuse(requests, error);
      else await this.recover(requests, attempt.batch, error);
    }
  }

  private async write(
    requests: readonly WriteRequest[],
    attempt: { batch?: Batch },
  ): Promise<void> {
    const connection = this.connection!;
    const firstPosition = this.recent.head + 1;
    const { batch, postponed } = await decide(
      connection,
      this.heads,
      requests,
      firstPosition,
      Date.now(),
    );
    attempt.batch = batch;
    if (batch.events.length > 0) await commitBatch(connection, batch);
    this.finish(batch);
    if (postponed.length > 0) this.queue.putBack(postponed);
  }

  /** The batch is durable: answer it and show it. Nothing else runs in between. */
  private finish(batch: Batch): void {
    for (const stream of staleHeads(batch)) this.heads.drop(stream);
    batch.requests.forEach((request, i) => request.answer(batch.results[i]!));
    if (batch.events.length > 0) this.recent.publish(blockOf(batch));
  }

  /** PostgreSQL is in trouble that would meet any append, such as a full disk, and has rolled the batch back. */
  private refuseForNow(requests: readonly WriteRequest[], error: Error): void {
    this.options.logger.error(
      { err: error, appends: requests.length },
      'the event log cannot store anything now',
    );
    const reason = `not stored: ${error.message}; repeat it with the same ids when that is mended`;
    for (const request of requests) request.answer({ kind: 'failed', reason });
  }

  /** PostgreSQL refused the statement and rolled it back. One bad append must not fail those gathered with it. */
  private async refuse(requests: readonly WriteRequest[], error: unknown): Promise<void> {
    if (requests.length > 1) {
      for (const request of requests) await this.process([request]);
      return;
    }
    this.options.logger.error(
      { err: error, stream: requests[0]!.stream },
      'the event log could not store an append',
    );
    requests[0]!.answer({ kind: 'failed', reason: `not stored: ${(error as Error).message}` });
  }

  /** The connection is gone and with it, perhaps, a commit: connect again and look. */
  private async recover(
    requests: readonly WriteRequest[],
    batch: Batch | undefined,
    error: unknown,
  ): Promise<void> {
    this.options.logger.warn(
      { err: error, appends: requests.length },
      'the event log connects to PostgreSQL again',
    );
    const unanswered = new Set(requests);
    await closeClient(this.connection!);
    for (let attempt = 0; ; attempt++) {
      try {
        await this.connect();
        break;
      } catch (failure) {
        if (this.stopping) break;
        this.options.logger.warn(
          { err: failure, attempt },
          'the event log cannot connect to PostgreSQL yet',
        );
        this.giveUpOverdue(unanswered);
        await backOff(attempt);
      }
    }
    const isStored =
      batch !== undefined && batch.events.length > 0 && this.recent.head === batch.lastPosition;
    if (isStored) {
      batch.requests.forEach((request, i) => {
        if (unanswered.delete(request)) request.answer(batch.results[i]!);
      });
    }
    this.queue.putBack([...unanswered]);
  }

  private giveUpOverdue(inDoubt: Set<WriteRequest>): void {
    const now = Date.now();
    for (const request of inDoubt) {
      if (request.deadline >= now) continue;
      inDoubt.delete(request);
      request.answer({ kind: 'timedOut' });
    }
    for (const request of this.queue.removeWhere(({ deadline }) => deadline < now))
      request.answer({ kind: 'timedOut' });
  }
}
