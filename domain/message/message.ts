/**
 * One message: how it begins, moves and goes on. Everything about it follows from its request and from what its journal says of it, in the
 * log's order; queues, read models and answers to its requester all stand on this one account of it.
 */
export { type Change, changesOf, type MessageChange } from './changes.js';
export { evolve } from './evolve.js';
export {
  answerWithinMs,
  type Next,
  nextOf,
  proofOf,
  reconciliationsMax,
  stepOver,
} from './next.js';
export { retryDelayMs, triesMax } from './retry.js';
export {
  type Accepted,
  accepted,
  type AttemptState,
  type Engagement,
  hasArrived,
  isOver,
  isTerminal,
  isUnsent,
  mayArrive,
  type Message,
  type MessageStatus,
  messageStatuses,
  type Order,
  openStatuses,
  shownStatus,
  type ShownStatus,
  shownStatuses,
  type TerminalStatus,
  terminalStatuses,
} from './state.js';
