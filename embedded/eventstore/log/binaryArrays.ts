/**
 * PostgreSQL arrays in their binary form, as parameters of a query: the bytes of many events are copied once into one
 * buffer per column. As text every payload would be turned to hexadecimal, quoted, and parsed again on the far side.
 */
import { copyBytes } from '../wire/bytes.js';

const HEADER_BYTES = 20;

export const Oid = { bool: 16, bytea: 17, int8: 20, text: 25, uuid: 2950 } as const;

/** An array of a known number of elements and of bytes in all; add exactly as many as announced. */
export class BinaryArray {
  readonly bytes: Buffer;
  private at = HEADER_BYTES;

  constructor(oid: number, count: number, elementBytes: number) {
    this.bytes = Buffer.allocUnsafe(HEADER_BYTES + count * 4 + elementBytes);
    this.bytes.writeInt32BE(1, 0); // dimensions
    this.bytes.writeInt32BE(0, 4); // no nulls
    this.bytes.writeInt32BE(oid, 8);
    this.bytes.writeInt32BE(count, 12);
    this.bytes.writeInt32BE(1, 16); // lower bound
  }

  /** The bytes source[start, end) as an element: a uuid, a bytea, or a text in UTF-8. */
  add(source: Buffer, start: number, end: number): void {
    const at = this.bytes.writeInt32BE(end - start, this.at);
    this.at = copyBytes(source, start, end, this.bytes, at);
  }

  addInt8(value: number): void {
    let at = this.bytes.writeInt32BE(8, this.at);
    at = this.bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at);
    this.at = this.bytes.writeUInt32BE(value >>> 0, at);
  }

  addBool(value: boolean): void {
    this.at = this.bytes.writeInt32BE(1, this.at);
    this.bytes[this.at++] = value ? 1 : 0;
  }
}

const arrayOf = (oid: number, values: readonly Buffer[]): Buffer => {
  let total = 0;
  for (const value of values) total += value.length;
  const array = new BinaryArray(oid, values.length, total);
  for (const value of values) array.add(value, 0, value.length);
  return array.bytes;
};

/** A text[] of texts in UTF-8. */
export const textArray = (texts: readonly Buffer[]): Buffer => arrayOf(Oid.text, texts);
/** A uuid[] of UUIDs of 16 bytes. */
export const uuidArray = (uuids: readonly Buffer[]): Buffer => arrayOf(Oid.uuid, uuids);
