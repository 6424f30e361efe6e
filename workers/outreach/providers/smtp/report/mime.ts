/**
 * A letter as its parts (RFC 2045, 2046): only as much of it as reports need. Letters come from anybody, so parts, depth and size have
 * limits, and every line is looked at once for each level that it lies in. One that ends in the middle is read as far as it goes.
 *
 * Bytes are characters here (latin1), so that nothing is lost before it is known how they are meant.
 */
import { type ContentType, contentTypeOf } from './contentType.js';
import { LetterUnreadable } from './fault.js';
import { firstOf, type Head, readHead } from './head.js';

export interface Part {
  readonly head: Head;
  readonly type: string;
  readonly parts: readonly Part[];
  /** Of what is not made of parts: its lines, decoded. @throws LetterUnreadable `bad-encoding` */
  readonly lines: () => readonly string[];
}

export const letterBytesMax = 262_144;
const depthMax = 6;
const partsMax = 60;

const linesOf = (text: string): string[] =>
  text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));

const fromQuoted = (line: string): string =>
  line.replace(/=([0-9A-Fa-f]{2})/g, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );

/** Lines that end in an equals sign go on in the next one. */
const quotedLines = (lines: readonly string[]): string[] => {
  const whole: string[] = [];
  let open: string[] = [];
  for (const line of lines) {
    const kept = line.trimEnd();
    if (kept.endsWith('=')) {
      open.push(kept.slice(0, -1));
      continue;
    }
    whole.push(fromQuoted([...open, kept].join('')));
    open = [];
  }
  return open.length === 0 ? whole : [...whole, fromQuoted(open.join(''))];
};

const decoded = (encoding: string, lines: readonly string[]): readonly string[] => {
  switch (encoding) {
    case '':
    case '7bit':
    case '8bit':
    case 'binary':
      return lines;
    case 'base64':
      return linesOf(Buffer.from(lines.join(''), 'base64').toString('latin1'));
    case 'quoted-printable':
      return quotedLines(lines).flatMap(linesOf);
    default:
      throw new LetterUnreadable('bad-encoding');
  }
};

/** Where the parts between boundaries lie, first line and the one after the last. */
const spansOf = (
  lines: readonly string[],
  from: number,
  to: number,
  boundary: string,
): [number, number][] => {
  const divider = `--${boundary}`;
  const spans: [number, number][] = [];
  let begun = -1;
  for (let at = from; at < to; at += 1) {
    const line = lines[at] as string;
    if (!line.startsWith(divider)) continue;
    const rest = line.slice(divider.length).trim();
    if (rest !== '' && rest !== '--') continue;
    if (begun >= 0) spans.push([begun, at]);
    begun = at + 1;
    if (rest === '--') return spans;
  }
  if (begun >= 0 && begun < to) spans.push([begun, to]);
  return spans;
};

const readPart = (
  lines: readonly string[],
  [from, to]: readonly [number, number],
  depth: number,
  count: { parts: number },
): Part => {
  count.parts += 1;
  if (count.parts > partsMax) throw new LetterUnreadable('too-many-parts');
  if (depth > depthMax) throw new LetterUnreadable('too-deep');
  const { head, next } = readHead(lines, from, to);
  const { type, parameters }: ContentType = contentTypeOf(firstOf(head, 'content-type'));
  const encoding = firstOf(head, 'content-transfer-encoding').toLowerCase();
  const own = (): readonly string[] => decoded(encoding, lines.slice(next, to));
  if (!type.startsWith('multipart/')) return { head, type, parts: [], lines: own };
  const boundary = parameters.get('boundary') ?? '';
  if (boundary === '') throw new LetterUnreadable('no-boundary');
  const parts = spansOf(lines, next, to, boundary).map((span) =>
    readPart(lines, span, depth + 1, count),
  );
  return { head, type, parts, lines: own };
};

/** @throws LetterUnreadable */
export const readLetter = (bytes: Buffer): Part => {
  if (bytes.length > letterBytesMax) throw new LetterUnreadable('too-large');
  const lines = linesOf(bytes.toString('latin1'));
  const first = lines.findIndex((line) => line !== '');
  return readPart(lines, [Math.max(0, first), lines.length], 0, { parts: 0 });
};

/** Those that a letter is made of, in order; what it carries of another letter (message/rfc822) is one part. */
export const leavesOf = (part: Part): readonly Part[] =>
  part.parts.length === 0 ? [part] : part.parts.flatMap(leavesOf);
