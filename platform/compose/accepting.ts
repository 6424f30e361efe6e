/** Where requests for messages are taken, whichever way they come, and counted. */
import type { MessageRoutes } from '../../api/outreach/messages.js';
import {
  type AcceptMessages,
  type AcceptResult,
  createAcceptMessages,
  type JustAccepted,
} from '../../commands/message/accept.js';
import type { Handler } from '../../commands/handle.js';
import type { Log } from '../../commands/log.js';
import type { PersonalKeys } from '../../commands/personalData.js';
import type { Feed } from '../../projections/feed.js';
import type { Metrics } from '../metrics.js';

type Source = Parameters<MessageRoutes['onAccepted']>[0] | 'kafka' | 'policy';

export interface Accepting {
  readonly accept: AcceptMessages;
  readonly onAccepted: (
    source: Source,
    results: readonly AcceptResult[],
    milliseconds: number,
  ) => void;
}

type Outcome = 'accepted' | 'repeated' | 'refused' | 'unavailable';

const outcomeOf = (result: AcceptResult): Outcome =>
  result.kind === 'accepted' && result.repeated ? 'repeated' : result.kind;

export const openAccepting = (parts: {
  readonly log: Pick<Log, 'append'>;
  readonly handler: Handler;
  readonly personalKeys: PersonalKeys;
  readonly metrics: Metrics;
  readonly feed?: Pick<Feed, 'head'>;
  readonly onUrgent?: (one: JustAccepted) => void;
}): Accepting => {
  const { log, handler, personalKeys, metrics, feed, onUrgent } = parts;
  const requests = metrics.counter({
    name: 'outreach_requests_total',
    help: 'Requests for messages, by the way they came and what became of them.',
    labelNames: ['source', 'result'],
  });
  const seconds = metrics.histogram({
    name: 'outreach_accept_duration_seconds',
    help: 'From a request, or a batch of them, to its answer: all that is accepted is durable then.',
    labelNames: ['source'],
  });
  const { directory } = handler;
  return {
    accept: createAcceptMessages({
      log,
      directory,
      keys: personalKeys,
      onUrgent,
      ...(feed ? { head: () => feed.head() } : {}),
    }),
    onAccepted: (source, results, milliseconds) => {
      seconds.observe({ source }, milliseconds / 1_000);
      const counts = new Map<Outcome, number>();
      for (const result of results) {
        const outcome = outcomeOf(result);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      }
      for (const [result, count] of counts) requests.inc({ source, result }, count);
    },
  };
};
