/** Requests and events for the log's unit tests, as a service would hand them over. */
import { randomUUID } from 'node:crypto';
import type {
  AppendResult,
  ExpectedRevision,
  ProposedEvent,
  WriteRequest,
} from '../../../embedded/eventstore/log/append.js';
import type { Head } from '../../../embedded/eventstore/log/heads.js';

export const uuidBytes = (text: string = randomUUID()): Buffer =>
  Buffer.from(text.replaceAll('-', ''), 'hex');

export const proposed = (
  id: Buffer = uuidBytes(),
  type = 'Happened',
  data = '{}',
): ProposedEvent => {
  const source = Buffer.from(type + data);
  return {
    id,
    type,
    isJson: true,
    source,
    typeStart: 0,
    typeEnd: type.length,
    dataStart: type.length,
    dataEnd: source.length,
    metadataStart: 0,
    metadataEnd: 0,
  };
};

export interface Answered extends WriteRequest {
  readonly answers: AppendResult[];
}

export const request = (
  stream: string,
  expected: ExpectedRevision,
  events: readonly ProposedEvent[] = [proposed()],
  changes: Partial<WriteRequest> = {},
): Answered => {
  const answers: AppendResult[] = [];
  return {
    kind: 'append',
    stream,
    streamBytes: Buffer.from(stream),
    expected,
    events,
    bytes: 100,
    deadline: Number.MAX_SAFE_INTEGER,
    answers,
    answer: (result) => answers.push(result),
    ...changes,
  };
};

export const headAt = (revision: number): Head => ({
  revision,
  isTombstoned: false,
  metadata: undefined,
});
