/**
 * Protobuf's wire format, for the few messages of the log that are taken apart and put together by hand because there are so many of
 * them. What is not as expected is `unusual`: the generated classes of the client then judge. The embedded node reads and writes the same
 * format by code of its own, as any server would: the two meet on the wire only.
 */

/** Thrown where a message is not the usual one. Made once: nobody asks for its stack. */
export const unusual = new Error('not the usual message');

export const nothing: Uint8Array = new Uint8Array(0);
const noText = Buffer.alloc(0);

/** A message that is read from its beginning to its end, and how far. */
export class MessageReader {
  private bytes: Uint8Array = nothing;
  private texts: Buffer = noText;
  at = 0;
  length = 0;

  begin(message: Uint8Array): void {
    this.bytes = message;
    this.texts = Buffer.from(message.buffer, message.byteOffset, message.byteLength);
    this.at = 0;
    this.length = message.length;
  }

  /** Lets go of the message. */
  end(): void {
    this.bytes = nothing;
    this.texts = noText;
  }

  /** The byte here, which is then past; with it a field begins: its number and the kind of its value. */
  tag(): number {
    return this.bytes[this.at++] ?? -1;
  }

  /** @throws unusual where the number does not end before `end`, or is too large to be exact */
  varint(end: number): number {
    let value = 0;
    for (let scale = 1; this.at < end && scale < 2 ** 56; scale *= 0x80) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
    }
    throw unusual;
  }

  /** Reads a length. @returns where what is so long ends */
  endOf(end: number): number {
    const ends = this.varint(end) + this.at;
    if (ends > end) throw unusual;
    return ends;
  }

  part(end: number): Uint8Array {
    return this.partUpTo(this.endOf(end));
  }

  partUpTo(end: number): Uint8Array {
    const value = this.bytes.subarray(this.at, end);
    this.at = end;
    return value;
  }

  text(end: number): string {
    return this.textUpTo(this.endOf(end));
  }

  textUpTo(end: number): string {
    const value = this.texts.toString('utf8', this.at, end);
    this.at = end;
    return value;
  }

  /** Goes into a message that has one field, which has a length as well. @returns where both end */
  only(tag: number, end: number): number {
    const ends = this.endOf(end);
    if (this.tag() !== tag || this.endOf(ends) !== ends) throw unusual;
    return ends;
  }

  /** Goes past what is expected, where it stands here. */
  passes(expected: Uint8Array, end: number): boolean {
    if (this.at + expected.length > end) return false;
    for (let i = 0; i < expected.length; i += 1) {
      if (this.bytes[this.at + i] !== expected[i]) return false;
    }
    this.at += expected.length;
    return true;
  }
}

export const varintLength = (value: number): number => {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
};

/** @returns where it ends */
export const writeVarint = (target: Uint8Array, at: number, value: number): number => {
  let place = at;
  let rest = value;
  while (rest >= 0x80) {
    target[place++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  target[place++] = rest;
  return place;
};
