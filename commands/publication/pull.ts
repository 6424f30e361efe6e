/**
 * Hands out what was published on a topic, from a place on: as much as the partner may see, and where to go on. What a grant without
 * history hides, and what has expired, is passed over, and its places with it, so that whoever asks again gets further.
 *
 * A page is bounded in events and in bytes, and what is read for it too: large events are read a few at a time.
 */
import type { Fact } from '../../domain/fact.js';
import type { PartnerId, TenantId, TopicId } from '../../domain/ids.js';
import {
  type Handled,
  handledOf,
  type Publication,
  publicationsStream,
  type Published,
} from '../../domain/publication/publication.js';
import type { Grant } from '../../domain/topic/access.js';
import type { Directory } from '../directory.js';
import type { Log } from '../log.js';
import type { Arrivals } from './arrivals.js';
import type { Reveal } from './reveal.js';
import { seenTopic } from './seenTopic.js';

export interface PulledItem {
  readonly place: number;
  /** Milliseconds since the epoch, the log's clock. */
  readonly publishedAt: number;
  readonly publication: Publication;
  readonly handling?: Handled;
}

export interface Pulled {
  readonly items: readonly PulledItem[];
  /** Send it as `after` for what follows; null where nothing was published yet. */
  readonly next: number | null;
}

export interface PullQuestion {
  readonly topicId: TopicId;
  readonly partnerId: PartnerId;
  /** The place of the last that is known; null: from the beginning. */
  readonly after: number | null;
  readonly limit: number;
  /** How long to wait where there is nothing yet, milliseconds. */
  readonly waitMs: number;
}

export type Pull = (
  question: PullQuestion,
  tenant: TenantId,
  signal: AbortSignal,
) => Promise<Pulled>;

/** Of the events of a page, as JSON. One that is larger makes a page by itself. */
export const pageBytesMax = 4_194_304;
/** Read at once while it is not known how large they are. */
const firstRead = 32;

/** What other processes publish is looked for so often. */
const lookEveryMs = 500;

export const isVisible = (grant: Grant | null, { recordedAt }: Fact): boolean =>
  grant === null || grant.history === 'all' || grant.since <= recordedAt;

/** @throws Rejected topic-not-found, also where access ends while it waits. */
export const createPull = (options: {
  readonly log: Pick<Log, 'read'>;
  readonly directory: Directory;
  readonly arrivals: Arrivals;
  readonly reveal: Reveal;
  readonly monotonicMs: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}): Pull => {
  const { log, directory, arrivals, reveal, monotonicMs, now } = options;

  const look = async (
    { topicId, partnerId, after, limit }: PullQuestion,
    tenant: TenantId,
  ): Promise<Pulled> => {
    const { topic, grant } = seenTopic(directory, tenant, topicId, partnerId);
    const itemOf = async (fact: Fact): Promise<PulledItem | null> => {
      if (!isVisible(grant, fact)) return null;
      const revealed = await reveal(tenant, topicId, fact, now());
      if (revealed.kind === 'expired') return null;
      const { publication } = revealed;
      const { revision: place, recordedAt: publishedAt } = fact;
      const handling = handledOf(fact.data as Published, topic.classification);
      return { place, publishedAt, publication, handling };
    };
    const stream = publicationsStream(tenant, topicId);
    const items: PulledItem[] = [];
    let next = after;
    let bytes = 0;
    let asked = firstRead;
    for (let left = limit; left > 0;) {
      asked = Math.min(asked, left);
      left -= asked;
      const facts = await log.read(stream, next === null ? 0 : next + 1, asked);
      for (const fact of facts) {
        const item = await itemOf(fact);
        if (item) {
          const size = Buffer.byteLength(JSON.stringify(item.publication));
          if (items.length > 0 && bytes + size > pageBytesMax) return { items, next };
          items.push(item);
          bytes += size;
        }
        next = fact.revision;
      }
      if (facts.length < asked || bytes >= pageBytesMax) break;
      // As many as there is room for if they go on like this.
      if (bytes > 0) asked = Math.ceil((pageBytesMax - bytes) / (bytes / items.length));
    }
    return { items, next };
  };

  return async (question, tenant, signal) => {
    const until = monotonicMs() + question.waitMs;
    const stream = publicationsStream(tenant, question.topicId);
    let pulled = await look(question, tenant);
    while (pulled.items.length === 0 && !signal.aborted) {
      const left = until - monotonicMs();
      if (left <= 0) break;
      // Hidden and expired ones were passed: there may be more behind them at once.
      const moved = pulled.next !== question.after;
      if (!moved) await arrivals.wait(stream, Math.min(left, lookEveryMs), signal);
      question = { ...question, after: pulled.next };
      pulled = await look(question, tenant);
    }
    return pulled;
  };
};
