/**
 * Turns facts of accounts into messages, as the policies in force say. Only the kinds of facts that some policy waits for are followed;
 * when a policy is set, the log is followed anew from that very place, so that the facts after it count and those before it do not.
 *
 * At least once, in batches: what a batch comes to is accepted before its place is kept, and its keys are made of the facts.
 */
import type { Directory } from '../../../commands/directory.js';
import { messagesMax } from '../../../commands/message/accept.js';
import type { PolicyVersion } from '../../../commands/outreach.js';
import type { Fact, Position } from '../../../domain/fact.js';
import { classRules } from '../../../domain/message/kinds.js';
import type { TenantId } from '../../../domain/ids.js';
import type { Feed } from '../../../projections/feed.js';
import { openIntake } from '../../../projections/intake.js';
import type { Checkpoints } from '../../checkpoints.js';
import { persevere } from '../../persevere.js';
import { factTypeOf, isFactTrigger, occasionOf } from './factOccasions.js';
import type { MakeMessages } from './messaging.js';
import type { Occasion } from './occasion.js';

export interface PolicyFollowing {
  readonly feed: Feed;
  readonly directory: Directory;
  readonly checkpoints: Checkpoints;
  readonly make: MakeMessages;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
}

const name = 'outreachPolicies';
const setting = 'OutreachPolicySet';
const batchMax = 250;
const ahead = 1_000;
const lingerMs = 50;
const deadlineMs = 30_000;

const inForce = (directory: Directory, tenant: TenantId): readonly PolicyVersion[] =>
  [...directory.outreach.policies(tenant).values()].filter(
    ({ content }) => content.enabled && isFactTrigger(content.trigger),
  );

/** Of all tenants. */
export const typesWaitedFor = (directory: Directory): readonly string[] => {
  const types = new Set<string>([setting]);
  for (const { tenantId } of directory.tenants()) {
    for (const { content } of inForce(directory, tenantId)) {
      if (isFactTrigger(content.trigger)) types.add(factTypeOf(content.trigger.kind));
    }
  }
  return [...types];
};

interface Making {
  readonly tenant: TenantId;
  readonly policy: PolicyVersion;
  readonly occasions: Occasion[];
}

/** Whether a message of that class is still worth something: of what happened while nothing ran, nobody is told weeks later. */
const isFresh = ({ recordedAt }: Fact, { content }: PolicyVersion, now: number): boolean =>
  now - recordedAt <= classRules[content.class].validSeconds * 1_000;

/** What facts come to, by policy. */
export const messagesOf = (
  facts: readonly Fact[],
  directory: Directory,
  now: number,
): readonly Readonly<Making>[] => {
  const made = new Map<string, Making>();
  for (const fact of facts) {
    const { tenant } = fact.metadata;
    for (const policy of inForce(directory, tenant)) {
      if (fact.position <= policy.from || !isFresh(fact, policy, now)) continue;
      const occasion = occasionOf(policy.content.trigger, fact, directory);
      if (!occasion) continue;
      const key = `${tenant} ${policy.policyId}`;
      const known = made.get(key);
      if (known && known.occasions.length < messagesMax) known.occasions.push(occasion);
      else made.set(key, { tenant, policy, occasions: [occasion] });
    }
  }
  return [...made.values()];
};

export const createPolicyFollowing = (options: PolicyFollowing) => {
  const { feed, directory, checkpoints, make, now, onFailed } = options;

  const work = async (facts: readonly Fact[]): Promise<void> => {
    for (const { tenant, policy, occasions } of messagesOf(facts, directory, now())) {
      await make(tenant, policy, occasions);
    }
  };

  /** Up to the next policy that is set, or until it is told to stop. @returns the place to go on from. */
  const follow = async (from: Position | null, signal: AbortSignal): Promise<Position | null> => {
    const intake = openIntake(feed, { from, eventTypes: typesWaitedFor(directory), ahead });
    const onAbort = () => void intake.close();
    signal.addEventListener('abort', onAbort, { once: true });
    let place = from;
    try {
      while (!signal.aborted) {
        const { facts, position } = await intake.take(batchMax, lingerMs);
        if (position === null) continue;
        const set = facts.findIndex(({ type }) => type === setting);
        const reached = set < 0 ? position : (facts[set] as Fact).position;
        await work(set < 0 ? facts : facts.slice(0, set));
        if (set >= 0) await directory.waitFor(reached, deadlineMs);
        await checkpoints.save(name, reached);
        place = reached;
        if (set >= 0) return place;
      }
      return place;
    } finally {
      signal.removeEventListener('abort', onAbort);
      await intake.close();
    }
  };

  const followOn = async (signal: AbortSignal): Promise<void> => {
    let place = await checkpoints.load(name);
    while (!signal.aborted) place = await follow(place, signal);
  };

  return {
    /** Until the signal aborts. The directory has caught up with the log before. */
    run: (signal: AbortSignal): Promise<void> =>
      persevere(() => followOn(signal), signal, onFailed).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      }),
  };
};
