/**
 * By UDP: nobody answers, but a socket that is connected learns from the host of the receiver that nobody listens there, and then what is
 * to come waits. What was sent just before that is lost, which is UDP's nature: who cannot have it takes TCP or HTTP.
 */
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { GelfAddress } from './address.js';
import { type Carrier, errorOf } from './carrier.js';
import { compressed, datagramsOf } from './chunks.js';

const open = async ({ host, port }: GelfAddress): Promise<Socket> => {
  const { address, family } = await lookup(host);
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
  return socket;
};

const send = (socket: Socket, datagram: Buffer): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.send(datagram, (error) => (error ? reject(error) : resolve()));
  });

export const createUdpCarrier = (address: GelfAddress): Carrier => {
  let socket: Socket | null = null;
  let complaint: Error | null = null;

  const opened = async (): Promise<Socket> => {
    if (socket) return socket;
    const made = await open(address);
    made.on('error', (error) => (complaint = error));
    return (socket = made);
  };

  const close = (): void => {
    socket?.close();
    socket = null;
    complaint = null;
  };

  return {
    carry: async (messages) => {
      let settled = 0;
      let refused = 0;
      try {
        const using = await opened();
        for (const message of messages) {
          if (complaint) throw complaint;
          const datagrams = datagramsOf(compressed(message));
          for (const datagram of datagrams ?? []) await send(using, datagram);
          settled += 1;
          if (!datagrams) refused += 1;
        }
        return { settled, refused, error: null };
      } catch (error) {
        close();
        return { settled, refused, error: errorOf(error) };
      }
    },
    close,
  };
};
