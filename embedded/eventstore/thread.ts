/** The thread of `startEventStoreThread`. */
import { serve } from '../thread/serve.js';
import { nameThread } from '../thread/nameThread.js';
import { startEventStore } from './startEventStore.js';

nameThread('event store');
await serve(startEventStore);
