/** The thread of `startEventStoreThread`. */
import { serve } from '../thread/serve.js';
import { startEventStore } from './startEventStore.js';

await serve(startEventStore);
