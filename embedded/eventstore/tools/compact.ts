/**
 * Gives the disk back what scavenging has freed, by writing table and indexes anew in the order of the log. Takes as
 * much room again while it works, and the log must not be open meanwhile.
 */
import type { EventStoreOptions } from '../options.js';
import { openAsWriter } from './connection.js';

/** @throws LogIsTaken while a node has the log open */
export const compact = async (postgres: EventStoreOptions['postgres']): Promise<void> => {
  const client = await openAsWriter(postgres, 'compact', 0);
  try {
    await client.query('CLUSTER eventstore.events USING events_pk');
    await client.query('ANALYZE eventstore.events');
  } finally {
    await client.end();
  }
};
