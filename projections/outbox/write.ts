/**
 * Brings a batch into the tables: the messages that it touches are read, folded on by the domain, and written back, a statement for each
 * table. A message that was begun, sent and ended within one batch is one update of its row, whatever was told of it in between.
 */
import type { Write } from '../projection.js';
import type { OutboxChanges } from './project.js';
import { writeMessages } from './write/messages.js';
import { load, moved } from './write/moved.js';
import { newsOf, type QueueNews } from './write/news.js';
import { writePlaces } from './write/places.js';
import { writeReferences } from './write/references.js';
import { writeSent } from './write/sent.js';
import { writeStanding } from './write/standing.js';

/** @param onNews told within the transaction: it may yet fail, and be tried again. */
export const writeOutbox =
  (changes: OutboxChanges, onNews?: (news: readonly QueueNews[]) => void): Write =>
  async (db, schema) => {
    const stored = await load(db, schema, changes.messages);
    const all = moved(changes.messages, stored);
    const writes = [
      writeMessages(all),
      writeReferences(all),
      writePlaces(all),
      writeSent(all),
      writeStanding(changes),
    ];
    for (const write of writes) await write(db, schema);
    onNews?.(newsOf(all));
  };
