/**
 * A text as the parts that it is sent in: the alphabet of GSM where it suffices, UCS-2 otherwise, and of several parts a header with each
 * (3GPP TS 23.040) that says which they are. What takes two places is never torn apart. Counts as domain/template/segments.ts does.
 */
import { segmentsOf } from '../../../../domain/template/segments.js';
import type { SmppLibrary } from './library.js';

export interface Parts {
  readonly dataCoding: number;
  readonly bodies: readonly Buffer[];
}

const coding = { gsm7: 0, ucs2: 8 } as const;
/** Octets: an alphabet of GSM is sent with one for each sign. */
const single = { gsm7: 160, ucs2: 140 } as const;
const part = { gsm7: 153, ucs2: 134 } as const;

const escape = 0x1b;
const isHighSurrogate = (octet: number): boolean => octet >= 0xd8 && octet <= 0xdb;

/** Where the piece that begins at `from` may end. */
const endOf = (whole: Buffer, from: number, most: number, encoding: 'gsm7' | 'ucs2'): number => {
  const end = from + most;
  if (end >= whole.length) return whole.length;
  if (encoding === 'gsm7') return whole[end - 1] === escape ? end - 1 : end;
  return isHighSurrogate(whole[end - 2] ?? 0) ? end - 2 : end;
};

const ucs2 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

export const encoded = (
  text: string,
  { encodings }: Pick<SmppLibrary, 'encodings'>,
): { readonly encoding: 'gsm7' | 'ucs2'; readonly whole: Buffer } => {
  const { encoding } = segmentsOf(text);
  return { encoding, whole: encoding === 'gsm7' ? encodings.ASCII.encode(text) : ucs2(text) };
};

/** @param reference of the message among those of the sender, 0 to 255. */
export const partsOf = (
  text: string,
  reference: number,
  library: Pick<SmppLibrary, 'encodings'>,
): Parts => {
  const { encoding, whole } = encoded(text, library);
  const dataCoding = coding[encoding];
  if (whole.length <= single[encoding]) return { dataCoding, bodies: [whole] };
  const pieces: Buffer[] = [];
  for (let from = 0; from < whole.length;) {
    const end = endOf(whole, from, part[encoding], encoding);
    pieces.push(whole.subarray(from, end));
    from = end;
  }
  const bodies = pieces.map((piece, index) =>
    Buffer.concat([Buffer.from([5, 0, 3, reference & 0xff, pieces.length, index + 1]), piece]),
  );
  return { dataCoding, bodies };
};

export const partsMax = 255;
