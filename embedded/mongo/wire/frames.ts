/** Cuts a connection's bytes into messages: each begins with its own length. */

export const HEADER_BYTES = 16;
/** What the server announces as maxMessageSizeBytes. */
export const MESSAGE_BYTES_MAX = 48_000_000;

export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** Gives each whole message to `onMessage`, in order. @throws FrameError for a length that no message has. */
export const createFramer = (onMessage: (message: Buffer) => void): ((chunk: Buffer) => void) => {
  let pending: Buffer[] = [];
  let size = 0;

  const joined = (): Buffer => {
    const whole = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending, size);
    pending = [whole];
    return whole;
  };

  return (chunk) => {
    pending.push(chunk);
    size += chunk.length;
    while (size >= 4) {
      const first = pending[0] as Buffer;
      const length = (first.length >= 4 ? first : joined()).readInt32LE(0);
      if (length < HEADER_BYTES || length > MESSAGE_BYTES_MAX) {
        throw new FrameError(`a message of ${length} bytes: no MongoDB client sends that`);
      }
      if (size < length) return;
      const whole = joined();
      const rest = whole.subarray(length);
      pending = rest.length > 0 ? [rest] : [];
      size = rest.length;
      onMessage(whole.subarray(0, length));
    }
  };
};
