/** The block that shows a committed batch to readers. */
import type { Batch } from './batch.js';
import { type Block, BlockBuilder } from './block.js';
import type { EventParts } from '../wire/recordedEvent.js';

/** Bytes a framed event takes beyond its own data, roughly: names twice, ids, positions. */
const OVERHEAD_BYTES = 260;

const parts = { idStart: 0, streamStart: 0 } as EventParts;

export const blockOf = (batch: Batch): Block => {
  let bytes = 0;
  for (const event of batch.events) {
    bytes +=
      event.dataEnd - event.dataStart + (event.metadataEnd - event.metadataStart) + OVERHEAD_BYTES;
  }
  const block = new BlockBuilder(bytes);
  parts.createdMs = batch.createdMs;
  batch.events.forEach((event, i) => {
    const name = batch.streamBytes[i]!;
    parts.id = event.id;
    parts.streamSource = name;
    parts.streamEnd = name.length;
    parts.source = event.source;
    parts.typeStart = event.typeStart;
    parts.typeEnd = event.typeEnd;
    parts.dataStart = event.dataStart;
    parts.dataEnd = event.dataEnd;
    parts.metadataStart = event.metadataStart;
    parts.metadataEnd = event.metadataEnd;
    parts.isJson = event.isJson;
    parts.revision = batch.revisions[i]!;
    parts.position = batch.firstPosition + i;
    block.addNamed(parts, batch.streams[i]!, event.type);
  });
  return block;
};
