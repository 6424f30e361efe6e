/**
 * Proposed schemas on their way: begun by a request, watched and cancelled by others, and accepted by themselves once the trial is
 * passed. Kept in this process; one that broke off is begun again by the same request. What counts, the acceptance with what was
 * tried, is an event.
 */
import type { TenantId, TopicId } from '../../domain/ids.js';
import { Rejected, rejected } from '../../domain/rejected.js';
import { type Compatibility, topicSchemasStream } from '../../domain/topic/schemas.js';
import type { CommandContext } from '../command.js';
import { commandIdOf, fingerprintOf } from '../commandId.js';
import { begun, createBackground, type Outcome } from '../background.js';
import type { Handler } from '../handle.js';
import { acceptSchema } from './acceptSchema.js';
import { createCompiledSchemas } from './compile.js';
import {
  comparedWithVersions,
  type FailedPlace,
  type HistoryParts,
  type Tried,
  tryOnHistory,
  type VersionFault,
} from './trial.js';

export type TrialState = 'running' | 'accepted' | 'fits' | 'refused' | 'failed' | 'cancelled';

export interface SchemaTrial {
  readonly trialId: string;
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  readonly compatibility: Compatibility;
  /** It is only tried: nothing is accepted. */
  readonly preview: boolean;
  readonly state: TrialState;
  /** Places looked at, of those to look at. */
  readonly done: number;
  readonly total: number;
  /** Against the versions in use. */
  readonly faults: readonly VersionFault[];
  /** Against the history; null before its end. */
  readonly tried: Tried | null;
  readonly failures: readonly FailedPlace[];
  /** Of what was accepted. */
  readonly version: number | null;
  /** Why it was refused or failed, as a code. */
  readonly code: string | null;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly finishedAt: number | null;
}

export interface Proposal {
  readonly topicId: TopicId;
  /** JSON text of a schema that can be run (acceptableSchema). */
  readonly schema: string;
  readonly compatibility: Compatibility;
  /** How many of the latest places to try; Infinity: all. */
  readonly last: number;
  readonly preview: boolean;
}

export interface SchemaTrials {
  /** One under the same key is the same; null: one of the topic runs, or as many as may, in all or of its partner. @throws Rejected idempotency-key-reused */
  start(proposal: Proposal, context: CommandContext): SchemaTrial | null;
  get(tenant: TenantId, topicId: TopicId, trialId: string): SchemaTrial | undefined;
  /** Of a topic, the latest first. */
  list(tenant: TenantId, topicId: TopicId): readonly SchemaTrial[];
  cancel(trialId: string): void;
  /** As it stands when it ends, or after so many milliseconds. */
  settled(trialId: string, milliseconds: number): Promise<SchemaTrial | undefined>;
  /** Cancels all and waits for them. */
  stop(): Promise<void>;
}

/** In all, and of the topics of one partner; of a topic one. */
const runningMax = 4;
const runningOfPartnerMax = 2;
const rememberedMax = 100;

/** A trial as it runs: what came of one that is done is its verdict. */
interface Run extends Omit<SchemaTrial, 'state'> {
  readonly state: Outcome;
  readonly verdict: 'accepted' | 'fits' | 'refused' | null;
  readonly error: string | null;
  /** Tells a repeat from another proposal under the same key. */
  readonly fingerprint: string;
}

const shown = ({
  verdict,
  error: _error,
  fingerprint: _fingerprint,
  ...trial
}: Run): SchemaTrial => ({
  ...trial,
  state: trial.state === 'done' ? (verdict ?? 'refused') : trial.state,
  code: trial.state === 'failed' ? 'internal-error' : trial.code,
});

/** What the history must do is a promise of these alone. */
const keepsHistory = (compatibility: Compatibility): boolean =>
  compatibility === 'backward' || compatibility === 'full';

export const createSchemaTrials = (
  options: HistoryParts & {
    readonly handler: Handler;
    readonly onFailed: (trial: SchemaTrial, error: unknown) => void;
  },
): SchemaTrials => {
  const { handler, now } = options;
  const runs = createBackground<Run>({
    rememberedMax,
    now,
    onFailed: (run, error) => options.onFailed(shown(run), error),
  });
  const compiled = createCompiledSchemas();

  /** What becomes of the trial. */
  const carryOut = async (
    { topicId, schema, compatibility, last, preview }: Proposal,
    context: CommandContext,
    signal: AbortSignal,
    change: (changes: Partial<Run>) => void,
  ): Promise<Partial<Run>> => {
    const schemas = handler.directory.publishing.topic(context.tenant, topicId)?.schemas ?? [];
    const faults = await comparedWithVersions(schema, compatibility, schemas);
    if (faults.length > 0) return { verdict: 'refused', code: 'schema-incompatible', faults };
    const { tenant } = context;
    const question = { tenant, topicId, compiled: compiled.of(schema), last };
    const onHistory = await tryOnHistory(options, question, signal, (done, total) =>
      change({ done, total }),
    );
    change(onHistory);
    const { tried } = onHistory;
    if (tried.failed > 0 && keepsHistory(compatibility)) {
      return { verdict: 'refused', code: 'schema-incompatible' };
    }
    if (preview) return { verdict: 'fits' };
    const knownVersions = schemas.length;
    const input = { topicId, compatibility, schema, tried, knownVersions };
    const { answer } = await handler.handle(acceptSchema, input, context);
    return { verdict: 'accepted', version: answer.version };
  };

  const hasRoom = (tenant: TenantId, topicId: TopicId): boolean => {
    const running = runs.running();
    const ofTenant = running.filter((run) => run.tenant === tenant);
    const { exchange } = handler.directory;
    const ownerOf = (of: TopicId) => exchange.topic(tenant, of)?.owner;
    const ofPartner = ofTenant.filter((run) => ownerOf(run.topicId) === ownerOf(topicId));
    return (
      running.length < runningMax &&
      ofPartner.length < runningOfPartnerMax &&
      !ofTenant.some((run) => run.topicId === topicId)
    );
  };

  const start: SchemaTrials['start'] = (proposal, context) => {
    const { topicId, compatibility, preview } = proposal;
    const { tenant, idempotencyKey } = context;
    const stream = topicSchemasStream(tenant, topicId);
    const trialId = commandIdOf('ProposeTopicSchema', stream, idempotencyKey);
    const fingerprint = fingerprintOf(proposal);
    const known = runs.get(trialId);
    if (known && known.fingerprint !== fingerprint) throw rejected('idempotency-key-reused');
    if (known && known.state !== 'failed' && known.state !== 'cancelled') return shown(known);
    if (!hasRoom(tenant, topicId)) return null;
    const run: Run = {
      trialId,
      tenant,
      topicId,
      compatibility,
      preview,
      ...begun,
      verdict: null,
      done: 0,
      total: 0,
      faults: [],
      tried: null,
      failures: [],
      version: null,
      code: null,
      startedAt: now(),
      fingerprint,
    };
    const work = (signal: AbortSignal, change: (changes: Partial<Run>) => void) =>
      carryOut(proposal, context, signal, change).catch((error: unknown) => {
        if (!(error instanceof Rejected) || signal.aborted) throw error;
        return { verdict: 'refused', code: error.code } as const;
      });
    return shown(runs.start(trialId, run, work));
  };

  return {
    start,
    get: (tenant, topicId, trialId) => {
      const run = runs.get(trialId);
      return run?.tenant === tenant && run.topicId === topicId ? shown(run) : undefined;
    },
    list: (tenant, topicId) =>
      runs
        .all()
        .filter((run) => run.tenant === tenant && run.topicId === topicId)
        .map(shown)
        .reverse(),
    cancel: (trialId) => void runs.cancel(trialId),
    settled: async (trialId, milliseconds) => {
      await runs.settled(trialId, milliseconds);
      const run = runs.get(trialId);
      return run && shown(run);
    },
    stop: runs.stop,
  };
};
