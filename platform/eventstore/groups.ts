/**
 * Groups that share work, as persistent subscriptions of the official client, under the same supervisor as catch-up ones.
 *
 * A group filters on event types or on streams, as the server can. A fact that this build cannot decode is parked and told of, so
 * that it neither stops the group nor is lost. Acknowledgements have a deadline: on a stream that broke the client waits for ever.
 */
import {
  AccessDeniedError,
  type EventStoreDBClient,
  PersistentSubscriptionDoesNotExistError,
  PersistentSubscriptionExistsError,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToAllResolvedEvent,
  persistentSubscriptionToAllSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import type { Fact } from '../../domain/fact.js';
import { type Group, GroupMissing, type Groups, type Handed } from '../../workers/groups.js';
import type { Codec } from './codec.js';
import { createDeadlines, type Deadlines } from './deadlines.js';
import { drain } from './drain.js';
import { asLogError } from './failures.js';
import { serverFilter } from './filter.js';
import { supervise } from './supervise.js';

const deadlineMs = 10_000;
const inHandUnlessTold = 10;
const retriesUnlessTold = 10;
const answerWithinUnlessToldMs = 30_000;

export const createGroups = (
  client: EventStoreDBClient,
  codec: Codec,
  onInterrupted: (error: unknown, attempt: number) => void = () => undefined,
): Groups => {
  const deadlines = createDeadlines();

  const ensure: Groups['ensure'] = async (group) => {
    const { name } = group;
    if (group.filter.eventTypes && group.filter.streamPrefixes)
      throw new Error(`group ${name} filters on event types and streams: the log can do one only`);
    try {
      await deadlines.within(
        client.createPersistentSubscriptionToAll(name, settingsOf(group), {
          filter: serverFilter(group.filter),
        }),
        deadlineMs,
        'making the group',
        name,
      );
    } catch (error) {
      if (error instanceof PersistentSubscriptionExistsError) return;
      throw asLogError(error, 'making the group', name);
    }
  };

  const join: Groups['join'] = (name, { signal, inHand = inHandUnlessTold }) =>
    supervise<Handed>({
      signal,
      onInterrupted,
      isFinal: (error) => error instanceof GroupMissing || error instanceof AccessDeniedError,
      open: () => {
        const subscription = client.subscribeToPersistentSubscriptionToAll(name, {
          bufferSize: inHand,
        });
        const items = handedBy(subscription, name, signal);
        return { [Symbol.asyncIterator]: () => items, close: () => close(subscription) };
      },
    });

  async function* handedBy(
    subscription: PersistentSubscriptionToAll,
    name: string,
    signal: AbortSignal,
  ): AsyncGenerator<Handed> {
    try {
      yield* drain(subscription, signal, (next) => {
        const resolved = next as PersistentSubscriptionToAllResolvedEvent;
        const { event } = resolved;
        const answers = answersTo(subscription, resolved, name, deadlines);
        try {
          if (!event) throw new Error('an event that is there no more');
          const fact: Fact = codec.decode(event, event.position?.commit ?? 0n);
          return { fact, retries: resolved.retryCount, ...answers };
        } catch (error) {
          onInterrupted(error, 1);
          answers.nack('park', (error as Error).message).catch(() => undefined);
          return undefined;
        }
      });
    } catch (error) {
      if (error instanceof PersistentSubscriptionDoesNotExistError) throw new GroupMissing(name);
      throw error;
    }
  }

  return { ensure, join };
};

const settingsOf = ({ from, answerWithinMs, retriesMax }: Group) =>
  persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: from === null ? START : { commit: from, prepare: from },
    messageTimeout: answerWithinMs ?? answerWithinUnlessToldMs,
    maxRetryCount: retriesMax ?? retriesUnlessTold,
  });

const answersTo = (
  subscription: PersistentSubscriptionToAll,
  event: PersistentSubscriptionToAllResolvedEvent,
  name: string,
  deadlines: Deadlines,
): Pick<Handed, 'ack' | 'nack'> => {
  const send = async (answer: Promise<void>): Promise<void> => {
    try {
      await deadlines.within(answer, deadlineMs, 'answering to the group', name);
    } catch (error) {
      throw asLogError(error, 'answering to the group', name);
    }
  };
  return {
    ack: () => send(subscription.ack(event)),
    nack: (refusal, reason) => send(subscription.nack(refusal, reason, event)),
  };
};

const close = (subscription: PersistentSubscriptionToAll): void => {
  void subscription.unsubscribe().catch(() => undefined);
  subscription.destroy();
};
