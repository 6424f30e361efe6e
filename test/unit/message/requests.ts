/** A request for a message as tests begin with, and what became of one. */
import type { AcceptResult } from '../../../commands/message/accept.js';
import { InvalidInput } from '../../../commands/validation.js';

export const sms = {
  class: 'transactional',
  recipient: { phone: '+371 2612 3456' },
  channel: 'sms',
  text: { text: 'Your parcel is here.' },
};

export const accepted = (result: AcceptResult) => {
  if (result.kind !== 'accepted') throw new Error(JSON.stringify(result));
  return result;
};

export const code = (result: AcceptResult): string => {
  if (result.kind !== 'refused') throw new Error(`not refused: ${result.kind}`);
  const { error } = result;
  return error instanceof InvalidInput
    ? error.faults.map(({ pointer }) => pointer).join(' ')
    : error.code;
};
