/**
 * Brings segments up to date: asks the read models, a page of accounts at a time, who is to come and who to go, and records the
 * difference in changes of at most 1,000. On a schedule, and on request.
 *
 * Nothing has to be remembered for a refresh that broke off: what it recorded is no difference any more, so the next one goes on where
 * it ended. Two at once are slow and not wrong, since a change that was made already is decided to be nothing.
 */
import type { TenantId, UserId } from '../domain/ids.js';
import { rejected } from '../domain/rejected.js';
import type { SegmentDefinition, SegmentId } from '../domain/segment/definition.js';
import type { RfmScales } from '../domain/segment/rfm.js';
import { changesMax } from '../domain/segment/segment.js';
import type { CommandContext } from '../commands/command.js';
import type { Handler } from '../commands/handle.js';
import { changeMembers } from '../commands/segment/changeMembers.js';
import { recordRefresh } from '../commands/segment/recordRefresh.js';
import { pause } from '../projections/pause.js';
import { persevere } from './persevere.js';

export interface SegmentQuestion {
  readonly tenant: TenantId;
  readonly segmentId: SegmentId;
  readonly definition: SegmentDefinition;
  /** Milliseconds. */
  readonly asOf: number;
  readonly scales: RfmScales | null;
}
interface Range {
  readonly after: string | null;
  readonly upTo: string | null;
}
interface Differences {
  readonly add: readonly { readonly userId: UserId; readonly cell?: string }[];
  readonly remove: readonly UserId[];
}

/** What the read models are asked: projections/segments/evaluate.ts answers. */
export interface SegmentFigures {
  accounts(tenant: TenantId): Promise<number>;
  scales(question: Omit<SegmentQuestion, 'scales'>): Promise<RfmScales | null>;
  /** Of `size` accounts after the last. */
  range(tenant: TenantId, after: string | null, size: number): Promise<Range>;
  differences(question: SegmentQuestion, range: Range): Promise<Differences>;
}

export interface RefreshProgress {
  /** Accounts looked at, of so many. */
  readonly accounts: number;
  readonly of: number;
  readonly added: number;
  readonly moved: number;
  readonly removed: number;
}
export interface Refreshed extends RefreshProgress {
  readonly members: number;
}

export interface SegmentsWorker {
  /** Refreshes what is due until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Each dynamic and analytic segment of each programme, once. How many were refreshed. */
  refreshAll(signal: AbortSignal): Promise<number>;
  /** @throws Rejected segment-not-found, segment-retired, segment-changed; the signal's reason */
  refresh(
    segment: { readonly tenant: TenantId; readonly segmentId: SegmentId },
    options: {
      readonly signal: AbortSignal;
      readonly onProgress?: (progress: RefreshProgress) => void;
    },
  ): Promise<Refreshed>;
}

const worker = 'segments';

export const createSegmentsWorker = (options: {
  readonly figures: SegmentFigures;
  readonly handler: Handler;
  readonly now: () => number;
  /** Between the end of a round and the next; an hour unless told. */
  readonly everyMs?: number;
  /** Accounts in a page; 10,000 unless told. */
  readonly pageSize?: number;
  readonly onFailed: (error: unknown) => void;
}): SegmentsWorker => {
  const { figures, handler, now, onFailed } = options;
  const { everyMs = 3_600_000, pageSize = 10_000 } = options;
  const { segments } = handler.directory;

  /** The key names the version, the moment and the place in the difference: a repeat after a lost answer is the same command. */
  const contextOf = (
    { tenant, segmentId, asOf }: SegmentQuestion,
    version: number,
    place: string,
  ): CommandContext => {
    const correlationId = `${worker} ${segmentId} ${version} ${asOf}`;
    return {
      tenant,
      actor: { kind: 'worker', id: worker },
      now: now(),
      idempotencyKey: `${correlationId} ${place}`,
      correlationId,
    };
  };

  const refresh: SegmentsWorker['refresh'] = async (which, { signal, onProgress }) => {
    const { tenant, segmentId } = which;
    const record = segments.get(tenant, segmentId);
    if (!record) throw rejected('segment-not-found');
    if (record.status === 'retired') throw rejected('segment-retired');
    const { definition, version } = record;
    const asked = { tenant, segmentId, definition, asOf: now() };
    const question = { ...asked, scales: await figures.scales(asked) };
    const sums = {
      accounts: 0,
      of: await figures.accounts(tenant),
      added: 0,
      moved: 0,
      removed: 0,
    };

    const write = async (changes: Differences, place: string): Promise<void> => {
      const input = { segmentId, add: [...changes.add], remove: [...changes.remove], version };
      const context = contextOf(question, version, place);
      const work = () => handler.handle(changeMembers, input, context);
      const { answer } = await persevere(work, signal, onFailed);
      sums.added += answer.added.length;
      sums.moved += answer.moved.length;
      sums.removed += answer.removed.length;
    };

    for (let after: string | null = null, page = 0; ; page += 1) {
      signal.throwIfAborted();
      const range = await figures.range(tenant, after, pageSize);
      const differences = await figures.differences(question, range);
      for (const [index, part] of chunksOf(differences).entries()) {
        signal.throwIfAborted();
        await write(part, `${page}.${index}`);
      }
      sums.accounts = Math.min(sums.of, (page + 1) * pageSize);
      onProgress?.({ ...sums });
      if (range.upTo === null) break;
      after = range.upTo;
    }
    const input = { segmentId, version, asOf: question.asOf };
    const context = contextOf(question, version, 'end');
    const done = () => handler.handle(recordRefresh, input, context);
    const { answer } = await persevere(done, signal, onFailed);
    return { ...sums, accounts: sums.of, members: answer.members };
  };

  const refreshAll: SegmentsWorker['refreshAll'] = async (signal) => {
    let count = 0;
    for (const { tenantId: tenant, status } of handler.directory.tenants()) {
      if (status !== 'active') continue;
      for (const { segmentId, definition, status: state } of [...segments.list(tenant)]) {
        if (state !== 'defined' || definition.kind === 'static') continue;
        if (signal.aborted) return count;
        try {
          await refresh({ tenant, segmentId }, { signal });
          count += 1;
        } catch (error) {
          // One that was changed meanwhile, or that the database cannot answer, does not hold up the others.
          if (!signal.aborted) onFailed(error);
        }
      }
    }
    return count;
  };

  return {
    refresh,
    refreshAll,
    run: async (signal) => {
      while (!signal.aborted) {
        await pause(everyMs, signal);
        if (!signal.aborted) await refreshAll(signal);
      }
    },
  };
};

/** A change holds at most 1,000 customers, those who go first. */
const chunksOf = ({ add, remove }: Differences): Differences[] => {
  const chunks: Differences[] = [];
  for (let i = 0; i < remove.length; i += changesMax) {
    chunks.push({ add: [], remove: remove.slice(i, i + changesMax) });
  }
  for (let i = 0; i < add.length; i += changesMax) {
    chunks.push({ add: add.slice(i, i + changesMax), remove: [] });
  }
  return chunks;
};
