/** The thread of `startMongoThread`. */
import { serve } from '../thread/serve.js';
import { startMongo } from './startMongo.js';

await serve(startMongo);
