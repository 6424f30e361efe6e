/**
 * A keyed permutation of the numbers below any size: a balanced Feistel network over the next power of four, walked on until the
 * image lies below the size again (format-preserving encryption by cycle walking, as in NIST SP 800-38G; ten rounds as there).
 *
 * Whole batches go through together, one call of the keyed function for each round, so that a million numbers take a second.
 */

/**
 * A keyed function that nobody without its key can tell from chance. Each block of 16 bytes is replaced by its image, by itself:
 * the answer is as long as what was given.
 */
export type Prf = (blocks: Uint8Array) => Uint8Array;

export const blockBytes = 16;

export interface Permutation {
  /** Of numbers below the size; one below it for each. */
  readonly forwards: (values: Uint32Array) => Uint32Array;
  readonly backwards: (values: Uint32Array) => Uint32Array;
}

const rounds = 10;
const sizeMax = 2 ** 32;
/** Blocks that begin with it are of the permutation: other uses of the key begin with another byte. */
const purpose = 0x50;

/** `size` from 1 to 2^32. */
export const permutation = (size: number, prf: Prf): Permutation => {
  if (!Number.isInteger(size) || size < 1 || size > sizeMax) {
    throw new RangeError(`A permutation of ${size} numbers: give a size from 1 to ${sizeMax}.`);
  }
  const half = halfBits(size);
  const mask = 2 ** half - 1;

  /** One image of a half for each block, of this round. */
  const images = (blocks: DataView, round: number, halves: Uint32Array): DataView => {
    for (let i = 0, at = 0; i < halves.length; i += 1, at += blockBytes) {
      blocks.setUint16(at, (purpose << 8) | round);
      blocks.setUint32(at + 4, size % sizeMax);
      blocks.setUint32(at + 8, halves[i] as number);
    }
    return viewOf(prf(new Uint8Array(blocks.buffer)));
  };

  const once = (values: Uint32Array, direction: 'forwards' | 'backwards'): Uint32Array => {
    const blocks = new DataView(new ArrayBuffer(values.length * blockBytes));
    let left = values.map((value) => value >>> half);
    let right = values.map((value) => value & mask);
    for (let step = 0; step < rounds; step += 1) {
      const round = direction === 'forwards' ? step : rounds - 1 - step;
      // Backwards is the same with the halves changed over.
      const [kept, changed] = direction === 'forwards' ? [right, left] : [left, right];
      const image = images(blocks, round, kept);
      for (let i = 0, at = 0; i < changed.length; i += 1, at += blockBytes) {
        changed[i] = (changed[i] as number) ^ (image.getUint32(at) & mask);
      }
      [left, right] = direction === 'forwards' ? [kept, changed] : [changed, kept];
    }
    return left.map((value, i) => ((value << half) | (right[i] as number)) >>> 0);
  };

  /** Those that fell outside go on until they are inside: a walk from inside always comes back there. */
  const walked = (values: Uint32Array, direction: 'forwards' | 'backwards'): Uint32Array => {
    const out = once(values, direction);
    for (let outside = placesAbove(out, size); outside.length > 0;) {
      const again = once(
        Uint32Array.from(outside, (place) => out[place] as number),
        direction,
      );
      outside.forEach((place, i) => (out[place] = again[i] as number));
      outside = outside.filter((place) => (out[place] as number) >= size);
    }
    return out;
  };

  return {
    forwards: (values) => walked(values, 'forwards'),
    backwards: (values) => walked(values, 'backwards'),
  };
};

/** Of the smallest network that holds the size: 4^half is at least `size`. */
const halfBits = (size: number): number => {
  let half = 1;
  while (4 ** half < size) half += 1;
  return half;
};

const placesAbove = (values: Uint32Array, size: number): number[] => {
  const places: number[] = [];
  for (let i = 0; i < values.length; i += 1) if ((values[i] as number) >= size) places.push(i);
  return places;
};

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
