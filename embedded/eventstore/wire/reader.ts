/**
 * Reads protobuf wire format in place: a cursor over one message, no copies and no objects per field.
 *
 * Invariant: every length is checked against the end of the message it stands in, so a damaged message ends in a
 * `MalformedMessage`, never in bytes of a neighbour. The generated classes would allocate an object and several
 * arrays per event; at ten thousand appends a second that costs more than storing them.
 */

/** The bytes are not a protobuf message of the expected shape. */
export class MalformedMessage extends Error {}

export class WireReader {
  position: number;
  end: number;

  constructor(
    readonly source: Buffer,
    start = 0,
    end = source.length,
  ) {
    this.position = start;
    this.end = end;
  }

  more(): boolean {
    return this.position < this.end;
  }

  /** An unsigned varint as a number; above 2^53 it loses precision, which no id or revision of ours reaches. */
  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 0x80;
    for (let i = 1; i < 10; i++) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new MalformedMessage('a varint is longer than 10 bytes');
  }

  /** A varint with all 64 bits kept. */
  varint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new MalformedMessage('a varint is longer than 10 bytes');
  }

  /** Reads a length and returns where the field of that length ends. */
  fieldEnd(): number {
    const end = this.varint() + this.position;
    if (end > this.end) throw new MalformedMessage('a field reaches past the end of its message');
    return end;
  }

  /** The bytes of a length-delimited field, sharing memory with the message. */
  bytes(): Buffer {
    const end = this.fieldEnd();
    const bytes = this.source.subarray(this.position, end);
    this.position = end;
    return bytes;
  }

  /** Passes over a field of the wire type held in the low three bits of its tag. */
  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === 0) this.varint64();
    else if (wireType === 2) this.position = this.fieldEnd();
    else if (wireType === 5) this.advance(4);
    else if (wireType === 1) this.advance(8);
    else throw new MalformedMessage(`wire type ${wireType} is not known`);
  }

  private advance(length: number): void {
    if (this.position + length > this.end) throw new MalformedMessage('a field is cut short');
    this.position += length;
  }

  private byte(): number {
    if (this.position >= this.end) throw new MalformedMessage('a message is cut short');
    return this.source[this.position++]!;
  }
}
