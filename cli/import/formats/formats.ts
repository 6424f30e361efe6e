/** The formats that `kopilka import receipts --format` knows. */
import type { ReceiptFormat } from '../sourceLine.js';
import { cdnow } from './cdnow.js';
import { onlineRetail } from './onlineRetail.js';

export const formats: readonly ReceiptFormat[] = [onlineRetail, cdnow];
export const formatNamed = (name: string): ReceiptFormat | undefined =>
  formats.find((format) => format.name === name);
