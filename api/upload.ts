/**
 * A body that is a file of lines: handed to its route as it arrives, so that a file larger than the memory for a request is no
 * matter. Its type and its size are checked here.
 */
import type { IncomingMessage } from 'node:http';
import { StringDecoder } from 'node:string_decoder';
import { refused } from './refused.js';

export interface UploadRules {
  /** Without parameters, lower case. */
  readonly contentTypes: readonly string[];
  readonly bytesMax: number;
  /** Characters of a line. */
  readonly lineMax: number;
}

export interface Upload {
  /** The one of the rules' that it came as. */
  readonly contentType: string;
  /** Without their ends; several at a time. @throws Refused `body-too-large`, `malformed-request` */
  readonly lines: () => AsyncGenerator<readonly string[]>;
  /** As it was sent, for whoever signed its bytes. @throws Refused `body-too-large`, `malformed-request` */
  readonly whole: () => Promise<Buffer>;
}

/** @throws Refused `unsupported-media-type`, `body-too-large` */
export const openUpload = (request: IncomingMessage, rules: UploadRules): Upload => {
  const { contentTypes, bytesMax, lineMax } = rules;
  const contentType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (contentType === undefined || !contentTypes.includes(contentType)) {
    throw refused('unsupported-media-type', `Send one of ${contentTypes.join(', ')}.`);
  }
  const tooLarge = () =>
    refused('body-too-large', `Send at most ${bytesMax} bytes at once, in lines of ${lineMax}.`, {
      bytesMax,
    });
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) throw tooLarge();

  async function* lines(): AsyncGenerator<readonly string[]> {
    const decoder = new StringDecoder('utf8');
    let bytes = 0;
    let rest = '';
    // Who stops reading still has to answer, so the connection stays.
    const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge();
      const parts = (rest + decoder.write(chunk)).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > lineMax || parts.some((line) => line.length > lineMax)) throw tooLarge();
      if (parts.length > 0) yield parts.map(withoutReturn);
    }
    if (request.destroyed && !request.complete) {
      throw refused('malformed-request', 'The connection ended within the body.');
    }
    rest += decoder.end();
    if (rest !== '') yield [withoutReturn(rest)];
  }

  const whole = async (): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request.iterator({
      destroyOnReturn: false,
    }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > bytesMax) throw tooLarge();
      chunks.push(chunk);
    }
    if (request.destroyed && !request.complete) {
      throw refused('malformed-request', 'The connection ended within the body.');
    }
    return Buffer.concat(chunks);
  };
  return { contentType, lines, whole };
};

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
