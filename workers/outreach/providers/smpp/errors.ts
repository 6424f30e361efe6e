/** What SMS centres answer (SMPP 3.4, section 5.1.3), and what it means. What is not in the table is tried again. */
import type { ErrorClass } from '../../../../domain/message/kinds.js';
import type { SendResult } from '../port.js';
import { refusal } from '../results.js';

const table: Readonly<Record<number, readonly [string, ErrorClass]>> = {
  0x01: ['ESME_RINVMSGLEN', 'contentPermanent'],
  0x04: ['ESME_RINVBNDSTS', 'transient'],
  0x05: ['ESME_RALYBND', 'transient'],
  0x08: ['ESME_RSYSERR', 'transient'],
  0x0a: ['ESME_RINVSRCADR', 'accountPermanent'],
  0x0b: ['ESME_RINVDSTADR', 'recipientPermanent'],
  0x0d: ['ESME_RBINDFAIL', 'accountPermanent'],
  0x0e: ['ESME_RINVPASWD', 'accountPermanent'],
  0x0f: ['ESME_RINVSYSID', 'accountPermanent'],
  0x14: ['ESME_RMSGQFUL', 'throttled'],
  0x15: ['ESME_RINVSERTYP', 'accountPermanent'],
  0x43: ['ESME_RINVESMCLASS', 'contentPermanent'],
  0x45: ['ESME_RSUBMITFAIL', 'transient'],
  0x48: ['ESME_RINVSRCTON', 'accountPermanent'],
  0x49: ['ESME_RINVSRCNPI', 'accountPermanent'],
  0x50: ['ESME_RINVDSTTON', 'recipientPermanent'],
  0x51: ['ESME_RINVDSTNPI', 'recipientPermanent'],
  0x53: ['ESME_RINVSYSTYP', 'accountPermanent'],
  0x58: ['ESME_RTHROTTLED', 'throttled'],
  0x61: ['ESME_RINVSCHED', 'contentPermanent'],
  0x62: ['ESME_RINVEXPIRY', 'contentPermanent'],
  0x64: ['ESME_RX_T_APPN', 'transient'],
  0x65: ['ESME_RX_P_APPN', 'contentPermanent'],
  0x66: ['ESME_RX_R_APPN', 'contentPermanent'],
  0xc4: ['ESME_RINVOPTPARAMVAL', 'contentPermanent'],
};

const throttleMs = 1_000;

export const resultOfStatus = (status: number): SendResult => {
  const hex = `0x${status.toString(16).padStart(8, '0')}`;
  const [name, errorClass] = table[status] ?? [hex, 'transient' as const];
  const wait = errorClass === 'throttled' ? { retryAfterMs: throttleMs } : {};
  return refusal(errorClass, name, `The SMS centre answered ${name} (${hex}).`, wait);
};

export const isThrottling = (status: number): boolean => table[status]?.[1] === 'throttled';
