/** The thread of `startMongoThread`. Where the processors are all busy, whoever does not search comes first: it is niced. */
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { serve } from '../thread/serve.js';
import { startMongo } from './startMongo.js';

const niceness = 5;
try {
  // Linux knows the priority of a single thread.
  setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), niceness);
} catch {
  // Another system, or not allowed: it only means that all have the same right.
}

await serve(startMongo);
