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

const brokenOff: ReadonlySet<TrialState> = new Set(['failed', 'cancelled']);
/** In all, and of the topics of one partner; of a topic one. */
const runningMax = 4;
const runningOfPartnerMax = 2;
const rememberedMax = 100;

interface Entry {
  trial: SchemaTrial;
  /** Tells a repeat from another proposal under the same key. */
  readonly fingerprint: string;
  readonly controller: AbortController;
  ended: Promise<void>;
}

/** What the history must do is a promise of these alone. */
const keepsHistory = (compatibility: Compatibility): boolean =>
  compatibility === 'backward' || compatibility === 'full';

export const createSchemaTrials = (
  options: HistoryParts & {
    readonly handler: Handler;
    readonly onFailed: (trial: SchemaTrial, error: unknown) => void;
  },
): SchemaTrials => {
  const { handler, now, onFailed } = options;
  const entries = new Map<string, Entry>();
  const compiled = createCompiledSchemas();

  const forgetOldest = (): void => {
    for (const [id, { trial }] of entries) {
      if (entries.size <= rememberedMax) return;
      if (trial.state !== 'running') entries.delete(id);
    }
  };

  /** What becomes of the trial. */
  const carryOut = async (
    { topicId, schema, compatibility, last, preview }: Proposal,
    context: CommandContext,
    signal: AbortSignal,
    change: (changes: Partial<SchemaTrial>) => void,
  ): Promise<Partial<SchemaTrial>> => {
    const schemas = handler.directory.publishing.topic(context.tenant, topicId)?.schemas ?? [];
    const faults = await comparedWithVersions(schema, compatibility, schemas);
    if (faults.length > 0) return { state: 'refused', code: 'schema-incompatible', faults };
    const { tenant } = context;
    const question = { tenant, topicId, compiled: compiled.of(schema), last };
    const onHistory = await tryOnHistory(options, question, signal, (done, total) =>
      change({ done, total }),
    );
    change(onHistory);
    const { tried } = onHistory;
    if (tried.failed > 0 && keepsHistory(compatibility)) {
      return { state: 'refused', code: 'schema-incompatible' };
    }
    if (preview) return { state: 'fits' };
    const knownVersions = schemas.length;
    const input = { topicId, compatibility, schema, tried, knownVersions };
    const { answer } = await handler.handle(acceptSchema, input, context);
    return { state: 'accepted', version: answer.version };
  };

  const start: SchemaTrials['start'] = (proposal, context) => {
    const { topicId, compatibility, preview } = proposal;
    const { tenant, idempotencyKey } = context;
    const stream = topicSchemasStream(tenant, topicId);
    const trialId = commandIdOf('ProposeTopicSchema', stream, idempotencyKey);
    const fingerprint = fingerprintOf(proposal);
    const known = entries.get(trialId);
    if (known && known.fingerprint !== fingerprint) throw rejected('idempotency-key-reused');
    if (known && !brokenOff.has(known.trial.state)) return known.trial;
    const running = [...entries.values()].filter(({ trial }) => trial.state === 'running');
    const isTried = running.some(
      ({ trial }) => trial.tenant === tenant && trial.topicId === topicId,
    );
    const { exchange } = handler.directory;
    const ownerOf = (of: TopicId) => exchange.topic(tenant, of)?.owner;
    const ofPartner = running.filter(
      ({ trial }) => trial.tenant === tenant && ownerOf(trial.topicId) === ownerOf(topicId),
    );
    const isFull = running.length >= runningMax || ofPartner.length >= runningOfPartnerMax;
    if (isTried || isFull) return null;
    const controller = new AbortController();
    const trial: SchemaTrial = {
      ...{ trialId, tenant, topicId, compatibility, preview, state: 'running' },
      ...{ done: 0, total: 0, faults: [], tried: null, failures: [], version: null, code: null },
      ...{ startedAt: now(), finishedAt: null },
    };
    const entry: Entry = { trial, fingerprint, controller, ended: Promise.resolve() };
    const change = (changes: Partial<SchemaTrial>): void => {
      entry.trial = { ...entry.trial, ...changes };
    };
    const fail = (error: unknown): void => {
      if (controller.signal.aborted) return change({ state: 'cancelled', finishedAt: now() });
      if (error instanceof Rejected) {
        return change({ state: 'refused', code: error.code, finishedAt: now() });
      }
      change({ state: 'failed', code: 'internal-error', finishedAt: now() });
      onFailed(entry.trial, error);
    };
    // Deferred: what is thrown at once is told as what is thrown later.
    entry.ended = Promise.resolve()
      .then(() => carryOut(proposal, context, controller.signal, change))
      .then((changes) => change({ ...changes, finishedAt: now() }), fail);
    entries.delete(trialId);
    entries.set(trialId, entry);
    forgetOldest();
    return entry.trial;
  };

  return {
    start,
    get: (tenant, topicId, trialId) => {
      const trial = entries.get(trialId)?.trial;
      return trial?.tenant === tenant && trial.topicId === topicId ? trial : undefined;
    },
    list: (tenant, topicId) =>
      [...entries.values()]
        .map(({ trial }) => trial)
        .filter((trial) => trial.tenant === tenant && trial.topicId === topicId)
        .reverse(),
    cancel: (trialId) => entries.get(trialId)?.controller.abort(),
    settled: async (trialId, milliseconds) => {
      const entry = entries.get(trialId);
      if (!entry) return undefined;
      let timer: NodeJS.Timeout | undefined;
      const enough = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
      await Promise.race([entry.ended, enough]).finally(() => clearTimeout(timer));
      return entry.trial;
    },
    stop: async () => {
      for (const { controller } of entries.values()) controller.abort();
      await Promise.all([...entries.values()].map(({ ended }) => ended));
    },
  };
};
