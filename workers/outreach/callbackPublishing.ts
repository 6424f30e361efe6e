/**
 * Publishes the statuses of messages, each on its topic in its order. Many go into one append; where some of them may be there already they
 * go one by one, since the log knows an append as a repeat by what it begins with. What its topic refuses is told and gone past: a topic
 * that was archived, or whose schema asks for something else, holds up nobody else's.
 */
import { LogRefused, VersionConflict } from '../../commands/log.js';
import { type Publish, publicationsMax } from '../../commands/publication/publish.js';
import type { Directory } from '../../commands/directory.js';
import type { TopicRecord } from '../../commands/exchange.js';
import { InvalidInput } from '../../commands/validation.js';
import type { TenantId, TopicId } from '../../domain/ids.js';
import type { Publication } from '../../domain/publication/publication.js';
import { Rejected, rejected } from '../../domain/rejected.js';
import { pause } from '../../projections/pause.js';

export interface ToPublish {
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  readonly publication: Publication;
  /** The fact that it tells of. */
  readonly causationId: string;
}

export interface StatusPublisher {
  /** @param careful some may be there already. @throws what the log throws: all may be given again. */
  publish(events: readonly ToPublish[], careful: boolean): Promise<void>;
}

const lagMs = 10_000;
const lookMs = 50;

/** Final for the one that it is about. */
const isRefusal = (error: unknown): boolean =>
  error instanceof InvalidInput || error instanceof Rejected || error instanceof LogRefused;

const byTopic = (events: readonly ToPublish[]): readonly (readonly ToPublish[])[] => {
  const topics = new Map<string, ToPublish[]>();
  for (const event of events) {
    const name = `${event.tenant} ${event.topicId}`;
    const others = topics.get(name);
    if (others) others.push(event);
    else topics.set(name, [event]);
  }
  return [...topics.values()];
};

export const createStatusPublisher = (options: {
  readonly publish: Publish;
  readonly directory: Directory;
  readonly now: () => number;
  readonly signal: AbortSignal;
  readonly onRefused: (error: unknown, event: ToPublish) => void;
}): StatusPublisher => {
  const { directory, now, signal, onRefused } = options;

  /** It was there when the message was accepted: what is looked up here may be a moment behind. */
  const topicOf = async (tenant: TenantId, topicId: TopicId): Promise<TopicRecord> => {
    for (const until = now() + lagMs; ; await pause(lookMs, signal)) {
      const topic = directory.exchange.topic(tenant, topicId);
      if (topic) return topic;
      if (signal.aborted) throw new Error('it was told to stop');
      if (now() >= until) throw rejected('topic-not-found', { topicId });
    }
  };

  const publish = async (events: readonly ToPublish[]): Promise<void> => {
    const [first] = events;
    if (!first) return;
    const { tenant, topicId } = first;
    const topic = await topicOf(tenant, topicId);
    const keys = events.map(({ publication: { source, id } }) => `${source} ${id}`);
    const publications = events.map(({ publication }) => publication);
    const context = {
      tenant,
      actor: { kind: 'worker', id: 'messageCallbacks' } as const,
      now: now(),
      idempotencyKey: keys[0] ?? '',
      correlationId: first.publication.subject ?? '',
      causationId: first.causationId,
    };
    await options.publish({ topicId, partnerId: topic.owner, publications }, context, keys);
  };

  const publishOne = async (event: ToPublish): Promise<void> => {
    try {
      await publish([event]);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      onRefused(error, event);
    }
  };

  const publishTogether = async (events: readonly ToPublish[]): Promise<void> => {
    try {
      await publish(events);
    } catch (error) {
      if (!isRefusal(error) && !(error instanceof VersionConflict)) throw error;
      for (const event of events) await publishOne(event);
    }
  };

  return {
    publish: async (events, careful) => {
      for (const ofTopic of byTopic(events)) {
        for (let i = 0; i < ofTopic.length; i += publicationsMax) {
          const chunk = ofTopic.slice(i, i + publicationsMax);
          if (!careful && chunk.length > 1) await publishTogether(chunk);
          else for (const event of chunk) await publishOne(event);
        }
      }
    },
  };
};
