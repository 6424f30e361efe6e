/**
 * How a publication is to be handled: by its own attributes, where they say nothing by its topic's rules. Until when it is shown, how
 * careful receivers have to be, what of it is personal and of whom.
 */
import {
  handlingAttributes as named,
  type Publication,
} from '../../domain/publication/publication.js';
import { isPointer, valueAt } from '../../domain/publication/pointer.js';
import { pointersMax, type TopicHandling } from '../../domain/topic/rules.js';
import type { Classification } from '../../domain/topic/topic.js';
import type { Fault } from '../validation.js';

export interface Handling {
  readonly classification: Classification;
  /** ISO 8601; undefined: for ever. */
  readonly expiresAt: string | undefined;
  readonly personal: { readonly subject: string; readonly pointers: readonly string[] } | null;
}

const classifications: readonly unknown[] = ['open', 'confidential', 'personal'];
const subjectMax = 200;

type Extensions = NonNullable<Publication['extensions']>;

/** @param fault is told of what is wrong, with a pointer into the publication. */
type Tell = (pointer: string, reason: string) => void;

const expiryOf = (
  extensions: Extensions,
  rules: TopicHandling | undefined,
  now: number,
  tell: Tell,
): string | undefined => {
  const given = extensions[named.expiry];
  if (given !== undefined) {
    const at = typeof given === 'string' ? Date.parse(given) : NaN;
    if (!Number.isNaN(at)) return new Date(at).toISOString();
    tell(`/extensions/${named.expiry}`, 'must be a date-time');
    return undefined;
  }
  const seconds = rules?.timeToLiveSeconds;
  return seconds == null ? undefined : new Date(now + seconds * 1_000).toISOString();
};

const personalByAttributes = (
  extensions: Extensions,
  tell: Tell,
): { subject: string; pointers: string[] } | null => {
  const subject = extensions[named.subject];
  const listed = extensions[named.pointers];
  if (typeof subject !== 'string' || subject === '' || subject.length > subjectMax) {
    tell(`/extensions/${named.subject}`, `must name the person, in 1 to ${subjectMax} characters`);
    return null;
  }
  const pointers = typeof listed === 'string' ? listed.split(' ').filter(Boolean) : [];
  if (pointers.length === 0 || pointers.length > pointersMax || !pointers.every(isPointer)) {
    const reason = `must be 1 to ${pointersMax} JSON pointers into the data, with blanks between them`;
    tell(`/extensions/${named.pointers}`, reason);
    return null;
  }
  return { subject, pointers };
};

const personalByRules = (
  { data }: Publication,
  { subject, pointers }: NonNullable<TopicHandling['personal']>,
  tell: Tell,
): { subject: string; pointers: readonly string[] } | null => {
  if (!pointers.some((pointer) => valueAt(data, pointer) != null)) return null;
  const name = valueAt(data, subject);
  const text = typeof name === 'number' ? String(name) : name;
  if (typeof text === 'string' && text !== '' && text.length <= subjectMax) {
    return { subject: text, pointers };
  }
  tell(`/data${subject}`, `must name the person, in 1 to ${subjectMax} characters`);
  return null;
};

const personalOf = (
  publication: Publication,
  extensions: Extensions,
  rules: TopicHandling | undefined,
  tell: Tell,
): Handling['personal'] => {
  const asked = named.subject in extensions || named.pointers in extensions;
  const ruled = rules?.personal;
  if (!asked && !ruled) return null;
  const isJson = publication.dataBase64 === undefined;
  if (!isJson) {
    tell('/dataBase64', 'must be JSON data: parts of it are personal');
    return null;
  }
  if (asked) return personalByAttributes(extensions, tell);
  return ruled ? personalByRules(publication, ruled, tell) : null;
};

const none: Extensions = {};

/** @param now milliseconds since the epoch. */
export const handlingOf = (
  publication: Publication,
  topic: {
    readonly classification: Classification;
    readonly handling: TopicHandling | undefined;
  },
  now: number,
): { readonly handling: Handling; readonly faults: readonly Fault[] } => {
  const { extensions = none } = publication;
  const faults: Fault[] = [];
  const tell: Tell = (pointer, reason) => void faults.push({ pointer, reason });
  const given = extensions[named.classification];
  if (given !== undefined && !classifications.includes(given)) {
    tell(`/extensions/${named.classification}`, 'must be open, confidential or personal');
  }
  if (named.erased in extensions) {
    tell(`/extensions/${named.erased}`, 'is set by the exchange alone');
  }
  const classification = (given ?? topic.classification) as Classification;
  const expiresAt = expiryOf(extensions, topic.handling, now, tell);
  const personal = personalOf(publication, extensions, topic.handling, tell);
  return { handling: { classification, expiresAt, personal }, faults };
};
