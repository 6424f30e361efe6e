/** The thread of `startEventStoreThread`. */
import { nameThread } from '../thread/nameThread.js';
import { serve } from '../thread/serve.js';
import { startEventStore } from './startEventStore.js';

nameThread('event store');
await serve(startEventStore);
