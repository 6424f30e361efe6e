/**
 * By HTTP: a batch is one request, a message a line, as Graylog's input takes it with "bulk receiving" on. What it says no to is asked
 * again line by line, so that one message at fault takes no other with it; what is only not possible now waits.
 */
import { Agent, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import { gzipSync } from 'node:zlib';
import type { GelfAddress } from './address.js';
import {
  type Carried,
  type Carrier,
  type CarrierLimits,
  carrierLimits,
  errorOf,
} from './carrier.js';

const compressFromBytes = 1_024;
const newline = Buffer.from('\n');

/** It is what was sent that is at fault. */
const refusals = new Set([400, 413, 422]);

export const createHttpCarrier = (
  address: GelfAddress,
  limits: CarrierLimits = carrierLimits,
): Carrier => {
  const isTls = address.transport === 'https';
  const agent = new (isTls ? TlsAgent : Agent)({ keepAlive: true, maxSockets: 1 });
  const start = isTls ? httpsRequest : httpRequest;

  const post = (body: Buffer): Promise<number> =>
    new Promise((resolve, reject) => {
      const isLarge = body.length >= compressFromBytes;
      const sent = isLarge ? gzipSync(body, { level: 1 }) : body;
      const asked = start(
        {
          agent,
          method: 'POST',
          host: address.host,
          port: address.port,
          path: address.path,
          headers: {
            'content-type': 'application/json',
            'content-length': sent.length,
            ...(isLarge ? { 'content-encoding': 'gzip' } : {}),
            ...(address.authorization === null ? {} : { authorization: address.authorization }),
          },
        },
        (response) => {
          // What it says besides is of no interest, however much it is.
          response.resume();
          response.once('end', () => {
            clearTimeout(timer);
            resolve(response.statusCode ?? 0);
          });
          response.once('error', reject);
        },
      );
      const timer = setTimeout(
        () => asked.destroy(new Error(`no answer in ${limits.answerMs} ms`)),
        limits.answerMs,
      );
      asked.once('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      asked.end(sent);
    });

  const carry = async (messages: readonly Buffer[]): Promise<Carried> => {
    try {
      const status = await post(
        Buffer.concat(messages.flatMap((message, i) => (i === 0 ? [message] : [newline, message]))),
      );
      if (status >= 200 && status < 300) {
        return { settled: messages.length, refused: 0, error: null };
      }
      if (!refusals.has(status)) throw new Error(`it answered ${status}`);
      if (messages.length === 1) return { settled: 1, refused: 1, error: null };
      return await oneByOne(messages);
    } catch (error) {
      return { settled: 0, refused: 0, error: errorOf(error) };
    }
  };

  const oneByOne = async (messages: readonly Buffer[]): Promise<Carried> => {
    let [settled, refused] = [0, 0];
    for (const message of messages) {
      const one = await carry([message]);
      settled += one.settled;
      refused += one.refused;
      if (one.error) return { settled, refused, error: one.error };
    }
    return { settled, refused, error: null };
  };

  return { carry, close: () => agent.destroy() };
};
