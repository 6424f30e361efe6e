/**
 * Reads the body of a request as JSON within its limits, and says of a body that fails what is wrong and where.
 *
 * The size is stopped at while it arrives, the depth is counted over the text before it is parsed: neither costs a hostile
 * sender's price. Bodies are UTF-8 JSON and nothing else.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { mayBeUnstorable, unstorableAt } from '../domain/storable.js';
import { faulty } from './input.js';
import { offsetOfFault } from './jsonFault.js';
import { refused } from './refused.js';

export interface BodyLimits {
  readonly bodyBytesMax: number;
  /** Arrays and objects within each other. */
  readonly jsonDepthMax: number;
}

const jsonType = /^application\/(?:[a-z0-9!#$&^_.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;

const tooLarge = (limits: BodyLimits) =>
  refused('body-too-large', `Send at most ${limits.bodyBytesMax} bytes.`, {
    bytesMax: limits.bodyBytesMax,
  });

export const hasBody = (request: IncomingMessage): boolean =>
  request.headers['transfer-encoding'] !== undefined ||
  (request.headers['content-length'] ?? '0') !== '0';

/** @throws Refused `unsupported-media-type`, `body-too-large`, and as `parseJson` does. */
export const readJson = async (request: IncomingMessage, limits: BodyLimits): Promise<unknown> => {
  const type = request.headers['content-type'] ?? '';
  // The usual spelling first, without a pattern.
  if (type !== 'application/json' && !jsonType.test(type)) {
    throw refused('unsupported-media-type', 'Send JSON with Content-Type: application/json.');
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw refused('unsupported-media-type', 'Send the body without Content-Encoding.');
  }
  return parseJson(await readText(request, limits), limits);
};

const readText = (request: IncomingMessage, limits: BodyLimits): Promise<string> => {
  const { bodyBytesMax } = limits;
  if (Number(request.headers['content-length'] ?? 0) > bodyBytesMax) throw tooLarge(limits);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bodyBytesMax) {
        request.removeAllListeners('data');
        request.pause();
        reject(tooLarge(limits));
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => {
      const bytes = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
      if (isUtf8(bytes)) resolve(bytes.toString('utf8'));
      else reject(refused('broken-json', 'The body is not UTF-8.'));
    });
    const gone = () =>
      reject(refused('malformed-request', 'The connection ended within the body.'));
    request.on('error', gone);
    request.on('aborted', gone);
  });
};

/** @throws Refused `body-too-deep`, `broken-json`; InvalidInput for text that no store takes. */
export const parseJson = (text: string, limits: Pick<BodyLimits, 'jsonDepthMax'>): unknown => {
  if (deeperThan(text, limits.jsonDepthMax)) {
    const { jsonDepthMax } = limits;
    throw refused('body-too-deep', `Nest at most ${jsonDepthMax} levels.`, {
      depthMax: jsonDepthMax,
    });
  }
  const value = parsed(text);
  const pointer = mayBeUnstorable(text) ? unstorableAt(value) : null;
  if (pointer !== null) throw faulty('body', pointer, unstorableReason);
  return value;
};

const unstorableReason = 'holds the character U+0000, or half a surrogate pair';

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw whereBroken(text);
  }
};

/** How often a character is there, or one more than asked about. */
const countOf = (text: string, character: string, most: number): number => {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) {
    count += 1;
    if (count > most) break;
  }
  return count;
};

/** Counts brackets outside strings; good for any text, valid JSON or not. */
const deeperThan = (text: string, depthMax: number): boolean => {
  // Nothing is nested deeper than it has brackets: of an ordinary receipt no character need be looked at.
  if (countOf(text, '{', depthMax) + countOf(text, '[', depthMax) <= depthMax) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 92) i += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (code === 125 || code === 93) depth -= 1;
  }
  return false;
};

const whereBroken = (text: string) => {
  const offset = offsetOfFault(text);
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const early = text.trim() === '' ? 'The body is empty.' : 'The body ends too early.';
  const advice = `Mend line ${before.length}, column ${column} (character ${offset} from 0).`;
  return refused('broken-json', offset >= text.length ? early : advice, {
    offset,
    line: before.length,
    column,
  });
};
