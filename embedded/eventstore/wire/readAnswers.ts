/**
 * The messages of a read that are not events, framed: what opens, marks and ends it.
 */
import { frame } from '../grpc/frames.js';
import { bytesField, message, stringField, uintField } from './fields.js';

export const confirmation = (subscriptionId: string): Buffer =>
  frame(message(bytesField(2, message(stringField(1, subscriptionId)))));

export const checkpoint = (position: number): Buffer =>
  frame(message(bytesField(3, message(uintField(1, position), uintField(2, position)))));

export const streamNotFound = (stream: string): Buffer =>
  frame(message(bytesField(4, message(bytesField(1, message(stringField(3, stream)))))));

export const caughtUp: Buffer = frame(message(bytesField(8, message())));

export const fellBehind: Buffer = frame(message(bytesField(9, message())));
