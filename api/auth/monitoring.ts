/**
 * Who may read the metrics: whoever is on this machine, or shows the monitoring token. A request that came through a gateway is
 * not from this machine, whatever its last hop.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { refused } from '../refused.js';

const loopback = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

const same = (a: string, b: string): boolean => {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
};

/** @throws Refused `credentials-missing` or `credentials-invalid`. */
export const mayMonitor = (request: IncomingMessage, token: string): void => {
  const { headers, socket } = request;
  const forwarded = headers['x-forwarded-for'] !== undefined || headers['forwarded'] !== undefined;
  if (!forwarded && loopback.test(socket.remoteAddress ?? '')) return;
  const given = headers.authorization;
  if (given === undefined) {
    throw refused(
      'credentials-missing',
      'Ask from the machine itself, or send the monitoring token.',
    );
  }
  if (token !== '' && same(given, `Bearer ${token}`)) return;
  throw refused('credentials-invalid', 'Check the monitoring token.');
};
