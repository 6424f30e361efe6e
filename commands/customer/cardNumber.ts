/**
 * A card number for whoever brings none: 22 (numbers a shop gives out itself), 16 digits of the command's key, the check digit of
 * GS1. The same whenever the command is repeated; among a million cards the next one meets another once in ten thousand million.
 */
import { createHash } from 'node:crypto';
import { checkDigit } from '../../domain/gsrn.js';
import type { CardNumber } from '../../domain/ids.js';
import type { CommandContext } from '../command.js';

const digits = 16;

export const derivedCardNumber = ({ tenant, idempotencyKey }: CommandContext): CardNumber => {
  const hash = createHash('sha256').update(`card\n${tenant}\n${idempotencyKey}`).digest();
  const serial = hash.readBigUInt64BE(0) % 10n ** BigInt(digits);
  const body = `22${serial.toString().padStart(digits, '0')}`;
  return `${body}${checkDigit(body)}` as CardNumber;
};
