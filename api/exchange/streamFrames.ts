/**
 * What a stream of events is made of, as server-sent events have it. A publication is a message without a name, so that `onmessage`
 * gets it, and its data is what a pull answers for it; what is passed over and the end have names of their own. The id is the place.
 */
import type { FollowedStep } from '../../commands/publication/follow.js';
import type { Fact } from '../../domain/fact.js';
import type { Published } from '../../domain/publication/publication.js';
import { shownItem } from './shownItem.js';

/** The text of a publication is the same for all its readers, unless something of it is opened for them: it is made once. */
const texts = new WeakMap<Fact, Made>();

interface Made {
  readonly text: string;
  /** Of the topic, where the publication has none of its own: it can be changed. */
  readonly classification: string | undefined;
}

const textOf = (step: Extract<FollowedStep, { kind: 'shown' }>): string => {
  const isAsPublished = (step.fact.data as Published).publication === step.publication;
  const classification = step.handling?.classification;
  const known = isAsPublished ? texts.get(step.fact) : undefined;
  if (known && known.classification === classification) return known.text;
  const text = `id: ${step.place}\ndata: ${JSON.stringify(shownItem(step))}\n\n`;
  if (isAsPublished) texts.set(step.fact, { text, classification });
  return text;
};

export const frameOf = (step: FollowedStep): string => {
  if (step.kind === 'shown') return textOf(step);
  const { first, last, reason } = step;
  return `id: ${last}\nevent: passed\ndata: ${JSON.stringify({ first, last, reason })}\n\n`;
};

/** A comment: keeps the connection from being taken for dead. */
export const heartbeat = ':\n\n';

/** When the reader is to come back after the connection was lost. */
export const retryFrame = (milliseconds: number): string => `retry: ${milliseconds}\n\n`;

export interface StreamEnd {
  /** Stable: program against it. */
  readonly reason: string;
  /** What to do next. */
  readonly detail: string;
  /** Whether coming back with the last place may help. */
  readonly again: boolean;
}

export const endFrame = (end: StreamEnd): string => `event: end\ndata: ${JSON.stringify(end)}\n\n`;
