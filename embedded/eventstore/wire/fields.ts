/**
 * Builds small protobuf messages from fields, for answers that are rare: clear rather than fast.
 */
import { varintLength, writeVarint } from './bytes.js';

const varint = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(varintLength(value));
  writeVarint(bytes, 0, value);
  return bytes;
};

/** A varint field; written also when zero, as members of a oneof must be. */
export const uintField = (field: number, value: number): Buffer =>
  Buffer.concat([varint(field << 3), varint(value)]);

/** A length-delimited field: bytes or an embedded message. */
export const bytesField = (field: number, value: Buffer): Buffer =>
  Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);

export const stringField = (field: number, value: string): Buffer =>
  bytesField(field, Buffer.from(value));

export const message = (...fields: Buffer[]): Buffer => Buffer.concat(fields);
