/** Records of what is handed over, in a log of a test, as the product makes them. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Log } from '../../../commands/log.js';
import { createHandOver, type HandOver } from '../../../commands/publication/handovers.js';

export const recordedIn = (log: Pick<Log, 'append'>, now: () => number = () => 0): HandOver =>
  createHandOver({ log, now, owner: 'test', pause: (milliseconds) => wait(milliseconds) });
