/** A port for a server that is another program, or that is to come back to where it was. */
import { createServer } from 'node:net';

/**
 * Below those that the system gives to whoever asks for any, and to whoever calls somebody (from 32,768 on Linux): between our having
 * found it free and the server's listening on it, or between its end and its return, nobody comes upon it by chance.
 */
const [lowest, highest] = [20_000, 32_000];

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => void server.close(() => resolve(true)));
  });

export const quietPort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
};
