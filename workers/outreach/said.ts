/**
 * What became of messages, on its way into the journal, in pieces that one append takes: an event has so many items, an append so many
 * bytes, and after a time away there is more to be told at once than either. Pieces are told in order, and each says of a message no less
 * than may stand in the log alone: who loses the rest finds in the log what to do.
 */
import { itemsMax, type OutboxEvent } from '../../domain/message/events.js';

export type DataOf<Name extends OutboxEvent['type']> = Extract<OutboxEvent, { type: Name }>['data'];

/** What became of messages, by event. */
export interface Said {
  readonly answers?: DataOf<'AttemptsAnswered'>['answers'];
  readonly receipts?: DataOf<'ReceiptsRecorded'>['receipts'];
  readonly engagements?: DataOf<'EngagementsRecorded'>['engagements'];
  readonly digests?: readonly DataOf<'MessagesDigested'>[];
  readonly held?: DataOf<'MessagesHeld'>['items'];
  readonly advanced?: DataOf<'MessagesAdvanced'>['items'];
  readonly ended?: DataOf<'MessagesEnded'>['items'];
}

export interface Piece {
  readonly said: Said;
  readonly items: number;
  readonly bytes: number;
}

/** Of one append; the log takes about a megabyte. */
export const bytesMax = 600_000;
/** Of an item without its words. */
export const itemBytes = 450;

/** In the order in which they are about one message. */
const lists = [
  ...['answers', 'receipts', 'engagements', 'digests', 'held', 'advanced', 'ended'],
] as readonly (keyof Said)[];

interface Words {
  readonly response?: string;
  readonly text?: string;
  readonly detail?: string;
  readonly messageIds?: readonly unknown[];
}

const bytesOf = (word: string | undefined): number =>
  word === undefined ? 0 : Buffer.byteLength(JSON.stringify(word));

const sizeOf = ({ response, text, detail, messageIds }: Words) => {
  const items = messageIds?.length ?? 1;
  const words = bytesOf(response) + bytesOf(text) + bytesOf(detail);
  return { items, bytes: words + items * itemBytes };
};

/** At least one, in order. */
export const piecesOf = (said: Said): readonly Piece[] => {
  const pieces: Piece[] = [];
  let lot: Partial<Record<keyof Said, unknown[]>> = {};
  let items = 0;
  let bytes = 0;
  const cut = (): void => {
    pieces.push({ said: lot as Said, items, bytes });
    lot = {};
    items = bytes = 0;
  };
  for (const name of lists) {
    for (const item of said[name] ?? []) {
      const size = sizeOf(item as Words);
      const isFull = items + size.items > itemsMax || bytes + size.bytes > bytesMax;
      if (items > 0 && isFull) cut();
      (lot[name] ??= []).push(item);
      items += size.items;
      bytes += size.bytes;
    }
  }
  if (items > 0 || pieces.length === 0) cut();
  return pieces;
};
