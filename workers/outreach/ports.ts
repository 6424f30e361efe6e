/** What sending asks of the rest of the house. */
import type { TenantId, UserId } from '../../domain/ids.js';
import type { Channel } from '../../domain/message/kinds.js';
import type { LaneRow, QueuedRow, Reach, WindowAsked } from '../../projections/outbox/queries.js';
import type {
  ConsentAsked,
  ConsentKnown,
  SentKnown,
} from '../../projections/outbox/permissions.js';
import type { SuppressionReason } from '../../domain/consent/suppression.js';

/** The queue's tables. */
export interface QueueTables {
  lanes(): Promise<readonly LaneRow[]>;
  laneReach(lane: LaneRow): Promise<Reach>;
  queued(windows: readonly WindowAsked[], now: number): Promise<readonly QueuedRow[]>;
  nextDue(
    windows: readonly Pick<WindowAsked, 'tenant' | 'lane' | 'class' | 'channel'>[],
    after: number,
  ): Promise<readonly (number | null)[]>;
  consents(
    tenant: TenantId,
    asked: readonly ConsentAsked[],
  ): Promise<ReadonlyMap<string, ConsentKnown>>;
  suppressions(
    tenant: TenantId,
    channel: Channel,
    addresses: readonly string[],
  ): Promise<ReadonlyMap<string, SuppressionReason>>;
  sentTo(
    tenant: TenantId,
    subjects: readonly string[],
    since: number,
  ): Promise<ReadonlyMap<string, readonly SentKnown[]>>;
  /** Up to which place in the log consents and suppressions are known. */
  position(): Promise<bigint>;
}

/** An account that can be written to. */
export interface AccountKnown {
  /** Sealed. */
  readonly person: string;
  /** BCP 47; null where none was chosen. */
  readonly language: string | null;
}

/** Keys and what they open. */
export interface Persons {
  /** None of those who were erased. */
  keys(tenant: TenantId, subjects: readonly string[]): Promise<ReadonlyMap<string, Buffer>>;
  indexKey(tenant: TenantId): Promise<Buffer>;
  /** Accounts, as the read model of the customers has them. */
  accounts(
    tenant: TenantId,
    userIds: readonly UserId[],
  ): Promise<ReadonlyMap<string, AccountKnown>>;
  /** Up to which place in the log that read model is filled. */
  accountsPosition(): Promise<bigint>;
}
