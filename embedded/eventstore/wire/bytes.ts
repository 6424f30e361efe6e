/**
 * A growing byte buffer that messages are written into back to back, and the few moves that make it fast: short
 * copies go byte by byte, since Buffer.copy costs more than a loop below some fifty bytes.
 *
 * Invariant: bytes handed out by `take` are never written again.
 */
const SHORT_COPY_BYTES_MAX = 48;

/** Copies source[start, end) to target at `at`; returns the index after the last byte written. */
export const copyBytes = (
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
): number => {
  if (end - start <= SHORT_COPY_BYTES_MAX) {
    for (let i = start; i < end; i++) target[at++] = source[i]!;
    return at;
  }
  source.copy(target, at, start, end);
  return at + (end - start);
};

/** Bytes a varint of this value takes. */
export const varintLength = (value: number): number => {
  let length = 1;
  while (value >= 0x80) {
    value = Math.floor(value / 0x80);
    length++;
  }
  return length;
};

/** Writes a varint; returns the index after it. */
export const writeVarint = (target: Buffer, at: number, value: number): number => {
  while (value >= 0x80000000) {
    target[at++] = (value % 0x80) | 0x80;
    value = Math.floor(value / 0x80);
  }
  while (value >= 0x80) {
    target[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  target[at++] = value;
  return at;
};

export class ByteBuffer {
  bytes: Buffer;
  length = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for `extra` more bytes and returns the index where they begin. */
  reserve(extra: number): number {
    const needed = this.length + extra;
    if (needed > this.bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    return this.length;
  }

  /** The bytes written so far, copied out; the buffer starts again empty. */
  take(): Buffer {
    const taken = Buffer.allocUnsafeSlow(this.length);
    this.bytes.copy(taken, 0, 0, this.length);
    this.length = 0;
    return taken;
  }
}
