/**
 * The receiver over the POS API, as a till would do it: the same requests, tokens and limits, and no way around the commands.
 *
 * Every id and idempotency key is made of the file's own numbers, so a receipt that is sent twice is the same receipt. What the API
 * decides against (a 4xx) is a refusal for the report; what a repeat can mend is repeated; the rest ends the import.
 */
import { gsrn } from '../../domain/gsrn.js';
import { exitCodes, Failure } from '../failure.js';
import { type Call, type Http, Problem } from '../http/http.js';
import { persist } from '../http/retry.js';
import type { PurchaseItem } from './plan.js';
import { isRefused, type Receipt, type Receiver } from './receiver.js';
import type { ReceiptFormat } from './sourceLine.js';

export interface PosReceiverOptions {
  readonly http: Http;
  readonly tillToken: string;
  readonly format: ReceiptFormat;
  /** First digits of the customers' numbers. */
  readonly gsrnPrefix: string;
}

/** One request with all its repeats: long enough for a server to be restarted. */
const patience = { totalMs: 60_000 };

const listedOtherwise: ReadonlySet<string> = new Set([
  'already-registered',
  'idempotency-key-reused',
]);

export const createPosReceiver = (options: PosReceiverOptions): Receiver => {
  const { http, tillToken, format, gsrnPrefix } = options;

  const send = async (path: string, key: string, body: unknown): Promise<Receipt> => {
    const call: Call = {
      method: 'POST',
      path,
      body,
      token: tillToken,
      idempotencyKey: `import/${format.name}/${key}`,
    };
    try {
      const { position } = await persist(http, call, patience);
      return { position };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 401 || error.status === 403) {
        throw new Failure(`The till of the import is not let in: ${error.detail}`, {
          exitCode: exitCodes.refused,
          advice: 'Check the till in /admin/v1/tills, or give another token with --till-token.',
        });
      }
      if (error.status >= 500 || error.status === 429) throw error;
      return { refused: error.message, code: error.code };
    }
  };

  /** A product that another file, or somebody, listed under another name is listed. */
  const list = async (productId: string, name: string): Promise<Receipt> => {
    const body = { productId, name: name || productId };
    const receipt = await send('/pos/v1/products', `product/${productId}`, body);
    return isRefused(receipt) && listedOtherwise.has(receipt.code) ? { position: null } : receipt;
  };

  const userId = (customer: string): string => gsrn(gsrnPrefix, BigInt(customer));
  const cardNumber = (customer: string): string =>
    `${format.cardPrefix}${customer.padStart(5, '0')}`;

  return {
    enrol: (customer) =>
      send('/pos/v1/users', `customer/${customer}`, {
        userId: userId(customer),
        cardNumber: cardNumber(customer),
      }),
    list,
    purchase: (item) => {
      const receipt = receiptOf(item);
      const key = `purchase/${item.receiptId}`;
      if (item.customer === null) return send('/pos/v1/purchases', key, receipt);
      const path = `/pos/v1/users/${userId(item.customer)}/purchases`;
      return send(path, key, { ...receipt, cardNumber: cardNumber(item.customer) });
    },
    giveBack: ({ returnId, receiptId, customer, at, parts }) =>
      send(
        `/pos/v1/users/${userId(customer)}/purchases/${encodeURIComponent(receiptId)}/returns`,
        `return/${returnId}`,
        {
          returnId,
          offline: true,
          occurredAt: new Date(at).toISOString(),
          lines: parts.map(({ position, quantity }) => ({ position, quantity: quantity / 1000 })),
        },
      ),
  };
};

const receiptOf = ({ receiptId, at, pieces }: PurchaseItem) => ({
  purchaseId: receiptId,
  offline: true,
  occurredAt: new Date(at).toISOString(),
  lines: pieces.map(({ productId, quantity, price }) => ({
    productId,
    quantity: quantity / 1000,
    price,
  })),
});
