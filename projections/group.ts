/**
 * The read models that keep up with the log together: one subscription, each fact received and decoded once, one transaction per
 * batch with the rows and checkpoints of all.
 *
 * Invariant: all members stand at the same position. Whoever cannot follow (a fact it cannot take in, another runner ahead of it)
 * is handed to `onDropped` and the others go on with the same batch; whoever has caught up by itself is admitted between two
 * batches.
 */
import type pg from 'pg';
import type { Fact, Position } from '../domain/fact.js';
import { CheckpointMoved, knownCheckpoint } from './checkpoints.js';
import { commitBatch, prepareBatch, type Target, TargetFailed } from './batch.js';
import type { Feed } from './feed.js';
import { fill, headOf } from './fill.js';
import { type GivingWay, neverInTheWay } from './givingWay.js';
import { type Intake, openIntake, type Taken } from './intake.js';
import { backOffMs, pause } from './pause.js';

export interface GroupOptions<Member extends Target> {
  readonly feed: Feed;
  readonly pool: pg.Pool;
  /** Of every read model that may ever be a member, so that admitting one needs no new subscription. */
  readonly eventTypes: readonly string[];
  readonly signal: AbortSignal;
  /** Longest wait for company of the first fact of a batch, ms. */
  readonly lingerMaxMs: number;
  /** How large batches are, in weight of their facts, which is 1 unless told. */
  readonly batches?: BatchSize | undefined;
  readonly givingWay?: GivingWay | undefined;
  readonly onBatch: (done: Applied<Member>) => void;
  readonly onCaughtUp: () => void;
  readonly onDropped: (member: Member, error: TargetFailed | CheckpointMoved) => void;
  /** The database or the log is away; it is tried again. */
  readonly onOutage: (error: unknown, attempt: number) => void;
}

export interface BatchSize {
  /** Asked before each. */
  readonly max: () => number;
  readonly weightOf: (fact: Fact) => number;
}

export interface Applied<Member extends Target> {
  readonly members: readonly Member[];
  readonly facts: number;
  readonly position: Position;
  /** Of the last fact, milliseconds since the epoch; null: the batch only moved the position. */
  readonly recordedAt: number | null;
  readonly seconds: number;
}

export interface Group<Member extends Target> {
  readonly members: readonly Member[];
  /** Resolves when the member follows with the group. It must have caught up with the log, or nearly. */
  admit(member: Member): Promise<void>;
  /** Until the signal aborts; a batch that was begun is finished. */
  run(): Promise<void>;
}

interface Candidate<Member> {
  readonly member: Member;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

const liveBatchMax = 1_000;
const catchUpBatchMax = 2_000;
const giveWayBatchMax = 250;
/** A position without facts is worth a transaction only so often. */
const idleMoveMs = 1_000;
/** While a candidate is ahead. */
const followAnewMs = 1_000;
/** Others wait meanwhile: a candidate that needs longer must catch up by itself again. */
const admissionMs = 5_000;

export const createGroup = <Member extends Target>(
  options: GroupOptions<Member>,
  first: readonly Member[],
): Group<Member> => {
  const { feed, pool, signal, givingWay = neverInTheWay } = options;
  const candidates: Candidate<Member>[] = [];
  let members = [...first];
  let intake: Intake | null = null;
  let arrived = (): void => undefined;
  let caughtUp = false;
  let last = { facts: 0, idleMoveAt: 0 };

  const position = (): Position => members[0]?.position ?? 0n;

  const drop = (member: Member, error: TargetFailed | CheckpointMoved): void => {
    members = members.filter((other) => other !== member);
    options.onDropped(member, error);
  };

  /** After a commit that we lost sight of, those that are at `to` were moved by it. */
  const findMoved = async (
    moved: CheckpointMoved,
    to: Position,
    unsure: boolean,
  ): Promise<void> => {
    for (const { projection } of moved.keys) {
      const member = members.find(({ key }) => key.projection === projection);
      if (!member) continue;
      const checkpoint = await knownCheckpoint(pool, member.key);
      if (unsure && checkpoint.position === to) member.position = to;
      else drop(member, moved);
    }
  };

  /** False: it is nobody's fault and may pass. */
  const leftBehind = async (error: unknown, to: Position, unsure: boolean): Promise<boolean> => {
    if (error instanceof TargetFailed) drop(error.target as Member, error);
    else if (error instanceof CheckpointMoved) await findMoved(error, to, unsure);
    else return false;
    return true;
  };

  const apply = async (facts: Taken['facts'], to: Position): Promise<void> => {
    const started = performance.now();
    for (let attempt = 1; ;) {
      const behind = members.filter((member) => member.position < to);
      if (behind.length === 0) break;
      try {
        await commitBatch(pool, prepareBatch(behind, facts), to);
      } catch (error) {
        if (await leftBehind(error, to, attempt > 1).catch(() => false)) continue;
        options.onOutage(error, attempt);
        await pause(backOffMs(attempt, 50, 5_000), signal);
        if (signal.aborted) return;
        attempt += 1;
      }
    }
    const seconds = (performance.now() - started) / 1_000;
    const recordedAt = facts.at(-1)?.recordedAt ?? null;
    if (members.length === 0) return;
    options.onBatch({ members, facts: facts.length, position: to, recordedAt, seconds });
  };

  const admitNext = async (candidate: Candidate<Member>): Promise<void> => {
    const { member, resolve, reject } = candidate;
    try {
      if (members.length > 0) {
        const deadline = AbortSignal.any([signal, AbortSignal.timeout(admissionMs)]);
        const until = { position: position() };
        await fill({ feed, pool, targets: [member], until, signal: deadline });
      }
      members = [...members, member];
      resolve();
    } catch (error) {
      reject(error);
    }
  };

  /** One that is ahead of the group waits until the group is there. */
  const admitCandidates = async (): Promise<void> => {
    for (const candidate of [...candidates]) {
      if (members.length > 0 && candidate.member.position > position()) continue;
      candidates.splice(candidates.indexOf(candidate), 1);
      await admitNext(candidate);
    }
  };

  /** Few facts are written at once; many wait for more, up to the longest wait: fewer, larger transactions. */
  const lingerMs = (): number => Math.min(options.lingerMaxMs, 4 + 2 * last.facts);

  /** @param head of the log before the intake was opened: where that has caught up, it has been through it. */
  const step = async (
    from: Intake,
    owed: Position | null,
    head: Position,
  ): Promise<Position | null> => {
    const usual = options.batches?.max() ?? (caughtUp ? liveBatchMax : catchUpBatchMax);
    const max = givingWay.givesWay() ? Math.min(usual, giveWayBatchMax) : usual;
    const taken = await from.take(max, lingerMs());
    const passed = taken.caughtUp && head > (taken.position ?? 0n) ? head : taken.position;
    const to = passed ?? owed;
    const idle = taken.facts.length === 0;
    const early = idle && performance.now() - last.idleMoveAt < idleMoveMs;
    if (to !== null && to > position() && !early) {
      const endTurn = await givingWay.turn(signal);
      await apply(taken.facts, to).finally(endTurn);
      last = { facts: taken.facts.length, idleMoveAt: performance.now() };
    }
    if (taken.caughtUp && !caughtUp) {
      caughtUp = true;
      options.onCaughtUp();
    }
    return early ? to : null;
  };

  /**
   * A candidate that looked through more types than the group does may be ahead of it with nothing between that is the group's: only a new
   * subscription tells, by having caught up.
   */
  const follow = async (): Promise<void> => {
    const from = position();
    const head = candidates.length > 0 ? await headOf(feed) : from;
    const beganAt = performance.now();
    const opened = openIntake(feed, {
      from: from === 0n ? null : from,
      eventTypes: options.eventTypes,
      ahead: 2 * catchUpBatchMax,
      ...(options.batches ? { weightOf: options.batches.weightOf } : {}),
    });
    intake = opened;
    const stop = () => opened.interrupt();
    signal.addEventListener('abort', stop, { once: true });
    let owed: Position | null = null;
    try {
      while (!signal.aborted && members.length > 0) {
        await admitCandidates();
        if (candidates.length > 0 && performance.now() - beganAt > followAnewMs) return;
        const isWaiting = owed !== null || candidates.length > 0;
        const timer = isWaiting ? setTimeout(stop, idleMoveMs) : null;
        owed = await step(opened, owed, head);
        if (timer) clearTimeout(timer);
      }
    } finally {
      signal.removeEventListener('abort', stop);
      intake = null;
      await opened.close();
    }
  };

  const untilSomebodyComes = async (): Promise<void> => {
    if (candidates.length === 0) {
      await new Promise<void>((resolve) => {
        arrived = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    await admitCandidates();
  };

  return {
    get members() {
      return members;
    },
    admit: (member) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(new Error('The read models are being stopped.'));
        candidates.push({ member, resolve, reject });
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        intake?.interrupt();
        arrived();
      }),
    run: async () => {
      for (let attempt = 1; !signal.aborted; attempt += 1) {
        try {
          if (members.length === 0) await untilSomebodyComes();
          else await follow();
          attempt = 0;
        } catch (error) {
          if (signal.aborted) return;
          options.onOutage(error, attempt);
          await pause(backOffMs(attempt, 50, 5_000), signal);
        }
      }
    },
  };
};
