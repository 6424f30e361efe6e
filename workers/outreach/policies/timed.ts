/**
 * Carries out what policies look ahead for: points that expire and birthdays, a day of the programme's calendar at a time, once for each
 * day. Which day was done is kept; a day that breaks off is done again from its beginning, and what was accepted is met as a repeat.
 */
import type { Directory } from '../../../commands/directory.js';
import type { PolicyVersion } from '../../../commands/outreach.js';
import type { TenantId, UserId } from '../../../domain/ids.js';
import { pause } from '../../../projections/pause.js';
import type { Checkpoints } from '../../checkpoints.js';
import { beginOf, birthdaysOn, dateOf, dayNumber } from './days.js';
import type { MakeMessages } from './messaging.js';
import type { Occasion } from './occasion.js';

export interface ExpiringPoints {
  readonly userId: UserId;
  /** Hundredths. */
  readonly points: number;
}
/** Pages of customers in the order of their numbers, those after `after`. */
export interface PolicyReading {
  /** Whose points expire in that time; milliseconds since the epoch, `until` not included. */
  expiring(asked: {
    readonly tenant: TenantId;
    readonly from: number;
    readonly until: number;
    readonly pointsMin: number;
    readonly after: UserId | null;
    readonly limit: number;
  }): Promise<readonly ExpiringPoints[]>;
  /** Who has a birthday on one of these days, as `--05-31`. */
  celebrating(asked: {
    readonly tenant: TenantId;
    readonly days: readonly string[];
    readonly after: UserId | null;
    readonly limit: number;
  }): Promise<readonly UserId[]>;
}

export interface TimedPolicies {
  readonly directory: Directory;
  readonly reading: PolicyReading;
  readonly checkpoints: Checkpoints;
  readonly make: MakeMessages;
  /** Whether everybody's birthday is known: until then a day would be done with nobody in it. */
  readonly knowsBirthdays: () => boolean;
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
  /** Between two looks at the calendar; 5 s unless told. */
  readonly everyMs?: number;
}

const pageMax = 500;
/** Days that are made up for. */
const missedMax = 7;

type Page = readonly Occasion[];
type Asking = (after: UserId | null) => Promise<Page>;

export const isTimed = ({ content }: PolicyVersion): boolean =>
  content.trigger.kind === 'pointsExpire' || content.trigger.kind === 'birthday';

export const createTimedPolicies = (options: TimedPolicies) => {
  const { directory, reading, checkpoints, make, now, onFailed, everyMs = 5_000 } = options;
  /** Of each policy, as far as it was kept or read: so that a look costs nothing on most days. */
  const doneDays = new Map<string, number | null>();

  const asking = (tenant: TenantId, { content }: PolicyVersion, day: number): Asking => {
    const { trigger } = content;
    const date = dateOf(day);
    const { timeZone } = directory.outreach.rules(tenant).rules;
    if (trigger.kind === 'pointsExpire') {
      const window = { from: beginOf(day, timeZone), until: beginOf(day + 1, timeZone) };
      const { pointsMin = 1 } = trigger;
      return async (after) => {
        const asked = { tenant, ...window, pointsMin, after, limit: pageMax };
        return (await reading.expiring(asked)).map(({ userId, points }) => ({
          tenant,
          userId,
          factId: `${userId} expire ${date}`,
          variables: { points, due: date },
        }));
      };
    }
    const year = date.slice(0, 4);
    return async (after) => {
      const asked = { tenant, days: birthdaysOn(day), after, limit: pageMax };
      return (await reading.celebrating(asked)).map((userId) => ({
        tenant,
        userId,
        factId: `${userId} birthday ${year}`,
        variables: { day: date },
      }));
    };
  };

  const carryOut = async (
    tenant: TenantId,
    policy: PolicyVersion,
    day: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const ask = asking(tenant, policy, day);
    for (let after: UserId | null = null; !signal.aborted;) {
      const page: Page = await ask(after);
      if (page.length > 0) await make(tenant, policy, page);
      if (page.length < pageMax) return;
      after = page[page.length - 1]?.userId ?? null;
    }
  };

  const doneDay = async (name: string): Promise<number | null> => {
    let done = doneDays.get(name);
    if (done === undefined) {
      const kept = await checkpoints.load(name);
      doneDays.set(name, (done = kept === null ? null : Number(kept)));
    }
    return done;
  };

  /** The days of a policy that are not done yet, the furthest ahead last. */
  const catchUp = async (
    tenant: TenantId,
    policy: PolicyVersion,
    signal: AbortSignal,
  ): Promise<void> => {
    const { trigger } = policy.content;
    if (trigger.kind !== 'pointsExpire' && trigger.kind !== 'birthday') return;
    if (trigger.kind === 'birthday' && !options.knowsBirthdays()) return;
    const { timeZone } = directory.outreach.rules(tenant).rules;
    const today = dayNumber(now(), timeZone);
    const last = today + trigger.daysBefore;
    const name = `outreachPolicy ${tenant}.${policy.policyId}`;
    const done = await doneDay(name);
    const missed = done === null ? last : done + 1;
    for (let day = Math.max(today, last - missedMax, missed); day <= last; day += 1) {
      await carryOut(tenant, policy, day, signal);
      if (signal.aborted) return;
      await checkpoints.save(name, BigInt(day));
      doneDays.set(name, day);
    }
  };

  /** Whatever is due now, of every programme. */
  const tick = async (signal: AbortSignal): Promise<void> => {
    for (const { tenantId, status } of directory.tenants()) {
      if (status === 'revoked') continue;
      for (const policy of directory.outreach.policies(tenantId).values()) {
        if (signal.aborted) return;
        if (policy.content.enabled && isTimed(policy)) {
          await catchUp(tenantId, policy, signal).catch(onFailed);
        }
      }
    }
  };

  return {
    tick,
    /** Until the signal aborts. */
    run: async (signal: AbortSignal): Promise<void> => {
      while (!signal.aborted) {
        await tick(signal);
        await pause(everyMs, signal);
      }
    },
  };
};
