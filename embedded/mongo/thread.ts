/** The thread of `startMongoThread`. Whoever does not search comes first. */
import { lowerPriority } from '../thread/lowerPriority.js';
import { nameThread } from '../thread/nameThread.js';
import { serve } from '../thread/serve.js';
import { startMongo } from './startMongo.js';

nameThread('document store');
lowerPriority('spare');
await serve(startMongo);
