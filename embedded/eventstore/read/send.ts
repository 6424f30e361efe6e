/** Sends what a read or subscription has picked, at the client's pace, with links resolved where that was asked for. */
import type { GrpcCall } from '../grpc/call.js';
import type { LinkResolver } from './links.js';
import { joinPieces } from './selector.js';

/** Resolves when the client is ready for more, or gone. */
export type Send = (pieces: readonly Buffer[]) => Promise<void>;

export const senderTo = (call: GrpcCall, links: LinkResolver | undefined): Send => {
  const write = async (frames: Buffer): Promise<void> => {
    if (!call.write(frames)) await call.drained();
  };
  if (!links) return (pieces) => write(joinPieces(pieces));
  return (pieces) => links.resolve(joinPieces(pieces), write);
};
