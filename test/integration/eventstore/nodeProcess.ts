/** A node in a process of its own, to be killed: settings in argv, address on the channel to its parent. */
import { startEventStore } from '../../../embedded/eventstore/startEventStore.js';

const store = await startEventStore(
  JSON.parse(process.argv[2]!) as Parameters<typeof startEventStore>[0],
);
process.send!(store.connectionString);
process.on('disconnect', () => process.exit(0));
