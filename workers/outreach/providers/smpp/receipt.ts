/** A delivery receipt (SMPP 3.4, appendix B): by its optional parameters where the centre sends them, by its text otherwise. */
import type { Receipt } from '../port.js';
import type { Pdu } from './library.js';

const statuses: Readonly<Record<string, Receipt['status']>> = {
  DELIVRD: 'delivered',
  ACCEPTD: 'deliveredToOperator',
  ENROUTE: 'deliveredToOperator',
  EXPIRED: 'undelivered',
  DELETED: 'undelivered',
  UNDELIV: 'undelivered',
  REJECTD: 'undelivered',
  UNKNOWN: 'undelivered',
};
/** message_state. */
const names = [
  '',
  'ENROUTE',
  'DELIVRD',
  'EXPIRED',
  'DELETED',
  'UNDELIV',
  'ACCEPTD',
  'UNKNOWN',
  'REJECTD',
];

const textOf = ({ short_message, message_payload }: Pdu): string => {
  const field = message_payload ?? short_message;
  const inner =
    typeof field === 'object' && !Buffer.isBuffer(field) ? (field?.message ?? '') : (field ?? '');
  return Buffer.isBuffer(inner) ? inner.toString('latin1') : inner;
};

const receiptBits = 0x3c;
const isReceipt = ({ esm_class = 0 }: Pdu): boolean => (esm_class & receiptBits) === 0x04;

/** Null: not a receipt, or about nothing that can be told. */
export const receiptOf = (pdu: Pdu, idForm: 'same' | 'decimal', now: number): Receipt | null => {
  if (!isReceipt(pdu)) return null;
  const text = textOf(pdu);
  const field = (name: string): string | undefined =>
    new RegExp(`(?:^|\\s)${name}:\\s*(\\S+)`, 'i').exec(text)?.[1];
  const id = (pdu.receipted_message_id ?? field('id') ?? '').replace(/\0+$/, '');
  const state = names[pdu.message_state ?? 0] || (field('stat') ?? '').toUpperCase();
  const status = statuses[state];
  if (id === '' || status === undefined) return null;
  const error = field('err');
  const hasCode = error !== undefined && !/^0+$/.test(error);
  return {
    providerReference: idForm === 'decimal' ? hexadecimalOf(id) : id,
    status,
    at: now,
    ...(state === 'EXPIRED' ? { errorClass: 'expired' as const } : {}),
    ...(hasCode ? { code: error.slice(0, 80) } : {}),
    ...(status === 'undelivered' ? { text: `The SMS centre reported ${state}.` } : {}),
  };
};

const hexadecimalOf = (id: string): string => (/^\d+$/.test(id) ? BigInt(id).toString(16) : id);

/** As receipts name it again. */
export const referenceOf = (messageId: string, idForm: 'same' | 'decimal'): string =>
  idForm === 'decimal' ? messageId.toLowerCase().replace(/^0+(?=.)/, '') : messageId;
