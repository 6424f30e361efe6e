/**
 * Everything that was recorded of one message, in the log's order and in sentences: read from the log itself, its own stream and the
 * journal of its lane, at the places that its document knows. So a timeline costs a few reads, however many messages the journal is about.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { Log } from '../../commands/log.js';
import type { EventOf } from '../../domain/event.js';
import type { Fact } from '../../domain/fact.js';
import { MessageId, type TenantId } from '../../domain/ids.js';
import {
  type AttemptsStarted,
  type MessageAccepted,
  messageStream,
} from '../../domain/message/events.js';
import { outboxStream } from '../../domain/message/lanes.js';
import {
  type Explained,
  explainAccepted,
  explainChange,
  explainedFlags,
} from '../../domain/message/explain.js';
import {
  accepted,
  type Change,
  changesOf,
  evolve,
  shownStatus,
  type ShownStatus,
} from '../../domain/message/message.js';
import { requesterMark } from '../../projections/messages/document.js';
import type { FoundMessage } from '../../projections/messages/found.js';
import { ActorShown } from '../audit/eventShown.js';
import { Instant, orNull, PositionText } from '../wire.js';
import { Fate, fateOf, MessageStatus } from './fate.js';
import { holdAdvice, type WaitedFor } from './holdAdvice.js';

const TimelineStep = Type.Object(
  {
    position: PositionText,
    recordedAt: Instant,
    type: Type.String({ description: 'Of the event' }),
    actor: ActorShown,
    attempt: orNull(Type.Integer()),
    code: orNull(Type.String({ description: 'The reason, or what came of it' })),
    sentence: Type.String(),
    details: Type.Array(Type.String(), {
      description: 'What was weighed: candidates with their verdicts, permissions, what was said',
    }),
    flags: Type.Array(Type.Union(explainedFlags.map((flag) => Type.Literal(flag)))),
    status: Type.Union(MessageStatus.anyOf, { description: 'Of the message from then on' }),
    data: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'As it was recorded, without addresses and texts; for operators',
      }),
    ),
  },
  { title: 'TimelineStep' },
);
type TimelineStep = Static<typeof TimelineStep>;

export const Timeline = Type.Object(
  {
    messageId: MessageId,
    status: MessageStatus,
    digestedInto: orNull(MessageId),
    fate: orNull(Fate),
    advice: orNull(
      Type.String({
        description: 'What to do for it to go on, of what does not pass by itself; for operators',
      }),
    ),
    steps: Type.Array(TimelineStep, { description: 'In the order of the log' }),
    leftOut: Type.Integer({
      description: 'Facts between the first and the latest that are not told, of a very long one',
    }),
    complete: Type.Boolean({
      description: 'false: where the log speaks of it is not known any more, but for its request',
    }),
  },
  { title: 'MessageTimeline' },
);
export type Timeline = Static<typeof Timeline>;

/** Facts of others between two of its own that are rather read than asked for apart. */
const gapMax = 4;
const readMax = 50;

/** Spans of revisions, first and last. */
const spansOf = (places: readonly number[]): [number, number][] => {
  const spans: [number, number][] = [];
  for (const place of places) {
    const last = spans.at(-1);
    if (last && place - last[1] <= gapMax && place - last[0] < readMax) last[1] = place;
    else spans.push([place, place]);
  }
  return spans;
};

type Reading = Pick<Log, 'read'>;

/** At most so many reads at once. */
const readsMax = 8;

const readPlaces = async (
  log: Reading,
  stream: string,
  places: readonly number[],
): Promise<Fact[]> => {
  const wanted = new Set(places);
  const spans = spansOf(places);
  const facts: Fact[] = [];
  for (let i = 0; i < spans.length; i += readsMax) {
    const read = spans
      .slice(i, i + readsMax)
      .map(([first, last]) => log.read(stream, first, last - first + 1));
    facts.push(...(await Promise.all(read)).flat());
  }
  return facts.filter(({ revision }) => wanted.has(revision));
};

const hidden = new Set(['messageId', 'address', 'contentHash', 'sealed', 'words', 'recipient']);

const shownData = (data: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(data).filter(([name]) => !hidden.has(name)));

/** Of a requester: who acted of its own is told; of the programme only what kind of actor, since a provider reports under its name. */
const actorShown = ({ kind, id }: Fact['metadata']['actor'], named: boolean) =>
  named || kind === 'partner' ? { kind, id } : { kind, id: kind };

const stepOf = (
  fact: Fact,
  { code, sentence, details, flags }: Explained,
  status: ShownStatus,
  data: object,
  named: boolean,
): TimelineStep => ({
  position: String(fact.position),
  recordedAt: new Date(fact.recordedAt).toISOString(),
  type: fact.type,
  actor: actorShown(fact.metadata.actor, named),
  attempt: 'attempt' in data ? Number(data.attempt) : null,
  code,
  sentence,
  details: [...details],
  flags: [...flags],
  status,
  ...(named ? { data: shownData(data) } : {}),
});

const decisionOf = (fact: Fact, change: Change) =>
  change.type === 'AttemptsStarted'
    ? (fact.data as EventOf<typeof AttemptsStarted>['data']).decisions[change.item.decision]
    : undefined;

const waitedAfter = (change: Change, before: WaitedFor | null): WaitedFor | null => {
  if (change.type === 'MessagesHeld') return change.item;
  return change.type === 'AttemptsStarted' || change.type === 'MessagesAdvanced' ? null : before;
};

/**
 * @param first of the message's own stream.
 * @param journal facts that are about it, in order.
 * @param named who carries it is told, and why.
 */
export const timelineOf = (
  first: Fact,
  journal: readonly Fact[],
  named: boolean,
): Pick<Timeline, 'status' | 'steps' | 'digestedInto' | 'advice'> => {
  const request = first.data as EventOf<typeof MessageAccepted>['data'];
  let message = accepted(request, first.recordedAt);
  let waited: WaitedFor | null = null;
  const steps = [stepOf(first, explainAccepted(request), shownStatus(message), request, named)];
  for (const fact of journal) {
    for (const { messageId, change } of changesOf(fact)) {
      if (messageId !== request.messageId) continue;
      const after = evolve(message, change);
      const decision = named ? decisionOf(fact, change) : undefined;
      const explained = explainChange(change, message, after, { decision, named });
      steps.push(stepOf(fact, explained, shownStatus(after), change.item, named));
      waited = waitedAfter(change, waited);
      message = after;
    }
  }
  const { digestedInto } = message;
  const status = shownStatus(message);
  return { status, steps, digestedInto, advice: named ? holdAdvice(message, waited) : null };
};

/**
 * @param reader its requester, who is told of this message alone, with the one that it became a part of, and nothing of who carries it;
 * null: whoever runs the programme.
 * @param find as documents have it. Null: a store in memory let the document go, and only the request is found again.
 * @returns null where there is no such message, for that reader.
 */
export const readTimeline = async (
  log: Reading,
  tenant: TenantId,
  messageId: MessageId,
  find: (messageId: MessageId) => Promise<FoundMessage | null>,
  reader: string | null,
): Promise<Timeline | null> => {
  const [first] = await log.read(messageStream(tenant, messageId), 0, 1);
  if (!first) return null;
  const { requester, lane } = first.data as EventOf<typeof MessageAccepted>['data'];
  if (reader !== null && reader !== requesterMark(requester)) return null;
  const found = await find(messageId);
  const journal = await readPlaces(log, outboxStream(tenant, lane), found?.places ?? []);
  const told = timelineOf(first, journal, reader === null);
  const digest = told.digestedInto && (await find(told.digestedInto));
  return {
    messageId,
    ...told,
    fate: digest ? fateOf(digest) : null,
    leftOut: found?.placesLeftOut ?? 0,
    complete: found !== null && found.placesLeftOut === 0,
  };
};
