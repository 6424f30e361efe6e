/**
 * PostgreSQL arrays in their binary form, as parameters of a query.
 */
const HEADER_BYTES = 20;

const OID = { text: 25, uuid: 2950 } as const;

const arrayOf = (oid: number, values: readonly Buffer[]): Buffer => {
  let size = HEADER_BYTES;
  for (const value of values) size += 4 + value.length;
  const array = Buffer.allocUnsafe(size);
  array.writeInt32BE(values.length > 0 ? 1 : 0, 0); // dimensions
  array.writeInt32BE(0, 4); // no nulls
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(values.length, 12);
  array.writeInt32BE(1, 16); // lower bound
  let at = HEADER_BYTES;
  for (const value of values) {
    at = array.writeInt32BE(value.length, at);
    at += value.copy(array, at);
  }
  return values.length > 0 ? array : array.subarray(0, 12);
};

/** A text[] of texts in UTF-8. */
export const textArray = (texts: readonly Buffer[]): Buffer => arrayOf(OID.text, texts);

/** A uuid[] of UUIDs of 16 bytes. */
export const uuidArray = (uuids: readonly Buffer[]): Buffer => arrayOf(OID.uuid, uuids);
