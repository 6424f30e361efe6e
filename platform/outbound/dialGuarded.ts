/** A TCP connection to somebody who carries messages: judged as calls over HTTP are, and dialled by the address that was judged. */
import { connect, isIP, type Socket } from 'node:net';
import { type AddressRange, mayReach } from './addresses.js';
import { AddressRefused, guardedLookup, type Resolve } from './resolve.js';

export interface DialTarget {
  readonly host: string;
  readonly port: number;
  readonly deadline: AbortSignal;
}

const keepAliveMs = 30_000;

/** @throws (by the promise) AddressRefused, or what the connection failed with; nothing was written then. */
export const createDial =
  (opened: readonly AddressRange[], resolve?: Resolve) =>
  ({ host, port, deadline }: DialTarget): Promise<Socket> =>
    new Promise((done, failed) => {
      // A literal address is looked up nowhere.
      if (isIP(host) !== 0 && !mayReach(host, opened)) {
        return failed(new AddressRefused(host, host));
      }
      if (deadline.aborted) return failed(deadline.reason as Error);
      const socket = connect({ host, port, lookup: guardedLookup(opened, resolve) });
      const end = (error: Error | null): void => {
        deadline.removeEventListener('abort', cut);
        socket.off('error', end);
        if (error) {
          socket.destroy();
          failed(error);
        } else done(socket.setNoDelay(true).setKeepAlive(true, keepAliveMs));
      };
      const cut = (): void =>
        end(Object.assign(new Error('not connected in time'), { code: 'ETIMEDOUT' }));
      deadline.addEventListener('abort', cut, { once: true });
      socket.once('error', end).once('connect', () => end(null));
    });
