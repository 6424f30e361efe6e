/**
 * Messages of MongoDB's wire protocol: OP_MSG, which everything goes by, and OP_QUERY with OP_REPLY, by which a driver says hello
 * before it knows what the server understands.
 *
 * Values keep what JavaScript has a type for and the driver's own classes otherwise; that a number was an int, a long or a double
 * is not kept (see docs/reference/document-store.md).
 */
import { BSON, type Document } from 'bson';
import { FrameError, HEADER_BYTES } from './frames.js';

const opReply = 1;
const opQuery = 2004;
const opMsg = 2013;

const checksumPresent = 1;
const moreToCome = 2;

export interface Request {
  readonly requestId: number;
  readonly legacy: boolean;
  readonly database: string;
  readonly body: Document;
  /** False: the client does not wait for an answer and must not be sent one. */
  readonly answered: boolean;
}

const readDocument = (bytes: Buffer): Document =>
  BSON.deserialize(bytes, { promoteBuffers: false, bsonRegExp: false });

const writeDocument = (document: Document): Uint8Array =>
  BSON.serialize(document, { ignoreUndefined: true });

/** The end of the zero-terminated text that begins at `from`. */
const endOfText = (bytes: Buffer, from: number): number => {
  const end = bytes.indexOf(0, from);
  if (end < 0) throw new FrameError('a text without an end');
  return end;
};

/** Documents of one field that were sent beside the command, to spare them a copy. */
const readSequence = (bytes: Buffer, body: Document): void => {
  const nameEnd = endOfText(bytes, 4);
  const documents: Document[] = [];
  for (let at = nameEnd + 1; at < bytes.length;) {
    const size = bytes.readInt32LE(at);
    if (size < 5) throw new FrameError(`a document of ${size} bytes`);
    documents.push(readDocument(bytes.subarray(at, at + size)));
    at += size;
  }
  body[bytes.toString('utf8', 4, nameEnd)] = documents;
};

const readMsg = (requestId: number, bytes: Buffer): Request => {
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  const end = bytes.length - (flags & checksumPresent ? 4 : 0);
  let body: Document = {};
  const sequences: Buffer[] = [];
  for (let at = HEADER_BYTES + 4; at < end;) {
    const kind = bytes[at];
    const size = bytes.readInt32LE(at + 1);
    if (size < 5 || at + 1 + size > end) throw new FrameError(`a section of ${size} bytes`);
    const section = bytes.subarray(at + 1, at + 1 + size);
    if (kind === 0) body = readDocument(section);
    else if (kind === 1) sequences.push(section);
    else throw new FrameError(`a section of kind ${kind}`);
    at += 1 + size;
  }
  for (const sequence of sequences) readSequence(sequence, body);
  const database = typeof body['$db'] === 'string' ? body['$db'] : '';
  return { requestId, legacy: false, database, body, answered: (flags & moreToCome) === 0 };
};

const readQuery = (requestId: number, bytes: Buffer): Request => {
  const nameAt = HEADER_BYTES + 4;
  const nameEnd = endOfText(bytes, nameAt);
  const [database = ''] = bytes.toString('utf8', nameAt, nameEnd).split('.');
  const body = readDocument(bytes.subarray(nameEnd + 1 + 8));
  return { requestId, legacy: true, database, body, answered: true };
};

/** @throws FrameError for what is not a message that a driver of this century sends. */
export const readRequest = (bytes: Buffer): Request => {
  const requestId = bytes.readInt32LE(4);
  const opCode = bytes.readInt32LE(12);
  if (opCode === opMsg) return readMsg(requestId, bytes);
  if (opCode === opQuery) return readQuery(requestId, bytes);
  throw new FrameError(`messages of kind ${opCode} are not understood here`);
};

let answers = 0;

const header = (bytes: Buffer, responseTo: number, opCode: number): void => {
  answers = (answers + 1) & 0x7fffffff;
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(answers, 4);
  bytes.writeInt32LE(responseTo, 8);
  bytes.writeInt32LE(opCode, 12);
};

const legacyFieldsBytes = 20;
const awaitCapable = 8;

export const writeAnswer = (request: Request, answer: Document): Buffer => {
  const document = writeDocument(answer);
  const before = HEADER_BYTES + (request.legacy ? legacyFieldsBytes : 5);
  const bytes = Buffer.alloc(before + document.length);
  bytes.set(document, before);
  header(bytes, request.requestId, request.legacy ? opReply : opMsg);
  if (request.legacy) {
    bytes.writeInt32LE(awaitCapable, HEADER_BYTES);
    bytes.writeInt32LE(1, HEADER_BYTES + 16); // one document
  }
  return bytes;
};
