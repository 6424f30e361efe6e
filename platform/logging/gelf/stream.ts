/**
 * By TCP or TLS: messages one after the other, each ended by a zero byte, which none holds. A batch that broke off is sent whole again, so
 * some may come twice and none is missing that the receiver's host did not take already.
 */
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { GelfAddress } from './address.js';
import { type Carrier, type CarrierLimits, carrierLimits, errorOf } from './carrier.js';

const end = Buffer.from([0]);

const dial = ({ transport, host, port }: GelfAddress, onConnected: () => void): Socket =>
  transport === 'tls'
    ? connectTls({ host, port, servername: host }, onConnected)
    : connect({ host, port }, onConnected);

const open = (address: GelfAddress, deadlineMs: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const socket = dial(address, () => {
      clearTimeout(timer);
      socket.off('error', fail);
      socket.setKeepAlive(true, 30_000);
      resolve(socket);
    });
    const timer = setTimeout(
      () => fail(new Error(`no connection in ${deadlineMs} ms`)),
      deadlineMs,
    );
    socket.once('error', fail);
  });

/** Resolves when the system took all of it. */
const write = (socket: Socket, bytes: Buffer, deadlineMs: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new Error(`nothing was taken in ${deadlineMs} ms`)),
      deadlineMs,
    );
    socket.write(bytes, (error) => {
      if (error) return fail(error);
      clearTimeout(timer);
      resolve();
    });
  });

export const createStreamCarrier = (
  address: GelfAddress,
  limits: CarrierLimits = carrierLimits,
): Carrier => {
  let socket: Socket | null = null;

  const close = (): void => {
    socket?.destroy();
    socket = null;
  };

  const opened = async (): Promise<Socket> => {
    if (socket) return socket;
    const made = await open(address, limits.connectMs);
    const gone = (): void => {
      made.destroy();
      if (socket === made) socket = null;
    };
    made.on('error', gone).on('close', gone).on('end', gone);
    // Whatever a receiver says, nobody asked for it.
    made.resume();
    return (socket = made);
  };

  return {
    carry: async (messages) => {
      try {
        const bytes = Buffer.concat(messages.flatMap((message) => [message, end]));
        await write(await opened(), bytes, limits.answerMs);
        return { settled: messages.length, refused: 0, error: null };
      } catch (error) {
        close();
        return { settled: 0, refused: 0, error: errorOf(error) };
      }
    },
    close: () => {
      const last = socket;
      socket = null;
      // What the system took still goes out.
      last?.end();
      last?.unref();
    },
  };
};
