/**
 * The streams of links that EventStoreDB's system projections keep, as pure rules: `$ce-<category>` by the part of a
 * stream's name before its first dash, `$et-<type>` by event type, `$streams` with the first event of every stream.
 *
 * They index events of users' streams and of the metadata of these. Deleting a stream shows in its category, and under
 * the type `$deleted`, as a link to the event that deleted it.
 */
import { isMetastream, METADATA_EVENT_TYPE, TOMBSTONE_EVENT_TYPE } from '../log/append.js';
import { parseStreamMetadata } from '../log/streamMetadata.js';
import { LINK_EVENT_TYPE } from '../wire/linkFrames.js';

export const linkIndexNames = ['categories', 'types', 'streams'] as const;
export type LinkIndexName = (typeof linkIndexNames)[number];

/** An event as the rules look at it. */
export interface IndexedEvent {
  readonly stream: string;
  readonly type: string;
  readonly revision: number;
  /** Asked for only where the rule needs it. */
  data(): Buffer;
}

/** A link to write. */
export interface IndexLink {
  /** The stream of links. */
  readonly stream: string;
  /** `<revision>@<stream>`. */
  readonly target: string;
  /** The stream that this is about, named in the link's metadata. */
  readonly about: string;
  /** Set when the event deletes that stream. */
  readonly isDeletion: boolean;
}

/** The link that an event calls for; undefined for none. */
export type LinkRule = (event: IndexedEvent) => IndexLink | undefined;

/** The system projection that does the same in EventStoreDB; names the stream of checkpoints. */
export const projectionNames: Record<LinkIndexName, string> = {
  categories: '$by_category',
  types: '$by_event_type',
  streams: '$streams',
};

const isOfUsers = (stream: string): boolean => !stream.startsWith('$') || isOfUsersMetadata(stream);

const isOfUsersMetadata = (stream: string): boolean =>
  isMetastream(stream) && stream.charCodeAt(2) !== 0x24;

/** The stream that the event deletes; undefined when it deletes none. */
const deletedBy = ({ stream, type, data }: IndexedEvent): string | undefined => {
  if (type === TOMBSTONE_EVENT_TYPE) return stream;
  if (type !== METADATA_EVENT_TYPE || !isMetastream(stream)) return undefined;
  return parseStreamMetadata(data())?.isDeleted ? stream.slice(2) : undefined;
};

const place = ({ revision, stream }: IndexedEvent): string => `${revision}@${stream}`;

const byCategory: LinkRule = (event) => {
  const deleted = deletedBy(event);
  const about = deleted ?? event.stream;
  const dash = about.indexOf('-');
  if (about.startsWith('$') || dash < 1) return undefined;
  return {
    stream: `$ce-${about.slice(0, dash)}`,
    target: event.type === LINK_EVENT_TYPE ? event.data().toString('utf8') : place(event),
    about,
    isDeletion: deleted !== undefined,
  };
};

const byType: LinkRule = (event) => {
  if (event.type === LINK_EVENT_TYPE) return undefined;
  const deleted = deletedBy(event);
  return {
    stream: `$et-${deleted === undefined ? event.type : '$deleted'}`,
    target: place(event),
    about: deleted ?? event.stream,
    isDeletion: deleted !== undefined,
  };
};

const firstOfStream: LinkRule = (event) =>
  event.revision === 0
    ? { stream: '$streams', target: place(event), about: event.stream, isDeletion: false }
    : undefined;

const ofUsers =
  (rule: LinkRule): LinkRule =>
  (event) =>
    isOfUsers(event.stream) ? rule(event) : undefined;

export const linkRules: Record<LinkIndexName, LinkRule> = {
  categories: ofUsers(byCategory),
  types: ofUsers(byType),
  streams: ofUsers(firstOfStream),
};
