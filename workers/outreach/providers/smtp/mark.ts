/**
 * Which attempt a letter is of, in a form that comes back with whatever is said about it: in the sender's address of its envelope (VERP),
 * in its envelope id (RFC 3461), in its Message-ID. Signed, since reports come from anybody: who never saw the letter cannot make up one.
 *
 * The mark is 26 letters of the message's id, 16 of the signature (80 bits) and the attempt, of an alphabet that survives servers which do
 * not tell capitals from small letters, and short enough for the 64 letters that stand before the at sign.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ProviderId, TenantId } from '../../../../domain/ids.js';

export interface LetterMarks {
  /** Of an envelope. */
  of(clientReference: string): string | null;
  /** `bounces@example.com`: with the mark, `bounces+…@example.com`. */
  sender(address: string, clientReference: string): string;
  /** What stands before the at sign of a Message-ID. */
  messageId(clientReference: string): string;
  /** The client reference of the first that is signed. */
  find(traces: readonly string[]): string | null;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567';
const signatureLength = 16;
const markLengthMax = 26 + signatureLength + 6;
/** Of what stands before the at sign of the address that bounces go to (RFC 5321: 64 in all, with plus sign and mark). */
export const mailboxLengthMax = 64 - 1 - markLengthMax;

/** Five bits a letter, from the front. */
const inLetters = (bytes: Uint8Array): string => {
  let text = '';
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = (bits << 8) | byte;
    for (count += 8; count >= 5; count -= 5) text += alphabet[(bits >> (count - 5)) & 31];
    bits &= (1 << count) - 1;
  }
  return count === 0 ? text : text + (alphabet[(bits << (5 - count)) & 31] ?? '');
};

/** The sixteen bytes of an id, in hexadecimal. */
const idOf = (letters: string): string => {
  let digits = '';
  let bits = 0;
  let count = 0;
  for (const letter of letters) {
    bits = (bits << 5) | alphabet.indexOf(letter);
    for (count += 5; count >= 8; count -= 8) {
      digits += ((bits >> (count - 8)) & 255).toString(16).padStart(2, '0');
    }
    bits &= (1 << count) - 1;
  }
  return digits;
};

const referencePattern = /^([0-9a-f]{32})-([1-9][0-9]{0,5})$/;
const markPattern = /(?<![a-z0-9])([a-z2-7]{26})([a-z2-7]{16})([1-9][0-9]{0,5})(?![a-z0-9])/g;
const messageIdPattern = /<([0-9a-f]{32}-[1-9][0-9]{0,5})\.([a-z2-7]{16})@/g;

/**
 * @param tokens what is agreed with whoever hands reports over: the one that signs, and those that did before it.
 */
export const createMarks = (
  tokens: readonly string[],
  { tenant, providerId }: { readonly tenant: TenantId; readonly providerId: ProviderId },
): LetterMarks => {
  const keys = tokens.map((token) =>
    createHmac('sha256', token).update(`letters/${tenant}/${providerId}`).digest(),
  );
  const signed = (key: Buffer, reference: string): string =>
    inLetters(createHmac('sha256', key).update(reference).digest()).slice(0, signatureLength);

  const sign = (reference: string): string => signed(keys[0] as Buffer, reference);
  const isSigned = (reference: string, signature: string): boolean =>
    keys.some((key) =>
      timingSafeEqual(Buffer.from(signed(key, reference)), Buffer.from(signature)),
    );

  const of = (clientReference: string): string | null => {
    const [, id = '', attempt = ''] = referencePattern.exec(clientReference) ?? [];
    if (id === '') return null;
    return `${inLetters(Buffer.from(id, 'hex'))}${sign(clientReference)}${attempt}`;
  };

  const found = (trace: string): string | null => {
    const text = trace.toLowerCase();
    for (const [, id = '', signature = '', attempt = ''] of text.matchAll(markPattern)) {
      const reference = `${idOf(id)}-${attempt}`;
      if (isSigned(reference, signature)) return reference;
    }
    for (const [, reference = '', signature = ''] of text.matchAll(messageIdPattern)) {
      if (isSigned(reference, signature)) return reference;
    }
    return null;
  };

  return {
    of,
    sender: (address, clientReference) => {
      const mark = of(clientReference);
      return mark === null ? address : address.replace('@', `+${mark}@`);
    },
    messageId: (clientReference) => `${clientReference}.${sign(clientReference)}`,
    find: (traces) => {
      for (const trace of traces) {
        const reference = found(trace);
        if (reference !== null) return reference;
      }
      return null;
    },
  };
};
