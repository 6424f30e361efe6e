/** Every read model in documents. */
import { attempts } from '../attempts/attempts.js';
import { handovers } from '../handovers/handovers.js';
import { messageAttempts } from '../messageAttempts/messageAttempts.js';
import { messages } from '../messages/messages.js';
import { publications } from '../publications/publications.js';
import type { DocumentProjection } from './documentProjection.js';

export const documentProjections: readonly DocumentProjection[] = [
  publications,
  attempts,
  handovers,
  messages,
  messageAttempts,
];

/** The facts before which there is nothing to search: until the first of them no store of documents is needed. */
export const documentTriggers: readonly string[] = [
  ...new Set(documentProjections.flatMap(({ eventTypes, triggers = eventTypes }) => triggers)),
];
