/**
 * gRPC's framing: every message is one byte (1 for compressed), its length in four, and its bytes. Messages may share
 * a chunk of data and may span many, so many answers can leave in one write.
 */
export const FRAME_HEADER_BYTES = 5;

/** Largest message accepted, bytes: a chunk of an append is 3 MiB, and an event of 16 MiB must get its own refusal. */
export const MESSAGE_BYTES_MAX = 20 * 1024 * 1024;

/** The peer sent something that is not a gRPC message we accept; the call cannot go on. */
export class BadFrame extends Error {}

export const writeFrameHeader = (target: Buffer, at: number, length: number): number => {
  target[at] = 0;
  return target.writeUInt32BE(length, at + 1);
};

/** One message, framed. */
export const frame = (message: Buffer): Buffer => {
  const framed = Buffer.allocUnsafe(FRAME_HEADER_BYTES + message.length);
  message.copy(framed, writeFrameHeader(framed, 0, message.length));
  return framed;
};

/** Cuts chunks of data into messages. Chunks of a message still incomplete are kept apart and joined once. */
export class FrameDecoder {
  private chunks: Buffer[] = [];
  private buffered = 0;
  private needed = FRAME_HEADER_BYTES;

  /** Calls `onMessage` for every message that is complete. Throws `BadFrame`. */
  push(chunk: Buffer, onMessage: (message: Buffer) => void): void {
    let data = chunk;
    if (this.buffered > 0) {
      this.chunks.push(chunk);
      this.buffered += chunk.length;
      if (this.buffered < this.needed) return;
      data = Buffer.concat(this.chunks, this.buffered);
      this.chunks = [];
      this.buffered = 0;
    }
    let at = 0;
    while (data.length - at >= FRAME_HEADER_BYTES) {
      if (data[at] !== 0) throw new BadFrame('compressed messages are not supported');
      const length = data.readUInt32BE(at + 1);
      if (length > MESSAGE_BYTES_MAX)
        throw new BadFrame(`a message is larger than ${MESSAGE_BYTES_MAX} bytes`);
      const end = at + FRAME_HEADER_BYTES + length;
      if (end > data.length) {
        this.keep(data.subarray(at), FRAME_HEADER_BYTES + length);
        return;
      }
      onMessage(data.subarray(at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    if (at < data.length) this.keep(data.subarray(at), FRAME_HEADER_BYTES);
  }

  private keep(rest: Buffer, needed: number): void {
    this.chunks.push(rest);
    this.buffered = rest.length;
    this.needed = needed;
  }
}
