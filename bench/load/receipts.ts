/**
 * Receipts as a busy shop sends them: five lines, a customer at random, a number that was never used before.
 *
 * Bodies follow from the seed alone, so that each rival gets receipts of the same sizes in the same order.
 */
export interface ReceiptPlan {
  readonly users: readonly string[];
  /** Makes purchase ids unique between samples. */
  readonly series: string;
  readonly seed: number;
}

export interface Receipt {
  readonly userId: string;
  readonly body: string;
}

const linesPerReceipt = 5;
const productCount = 500;

/** mulberry32: small, fast and the same everywhere. */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};

export const productId = (number: number): string => `SKU${String(number).padStart(5, '0')}`;

export const purchasesPath = (userId: string): string => `/pos/v1/users/${userId}/purchases`;

/** What a till posts to confirm: quantities in pieces, prices in minor units. */
export interface PurchaseBody {
  readonly purchaseId: string;
  readonly lines: readonly {
    readonly productId: string;
    readonly quantity: number;
    readonly price: number;
  }[];
}

const purchase = (purchaseId: string, random: () => number): PurchaseBody => ({
  purchaseId,
  lines: Array.from({ length: linesPerReceipt }, () => ({
    productId: productId(Math.floor(random() * productCount)),
    quantity: 1 + Math.floor(random() * 4),
    price: 50 + Math.floor(random() * 5_000),
  })),
});

export const receipts = function* (plan: ReceiptPlan): Generator<Receipt, never> {
  const random = randomFrom(plan.seed);
  for (let number = 1; ; number += 1) {
    const userId = plan.users[Math.floor(random() * plan.users.length)] as string;
    const body = JSON.stringify(purchase(`${plan.series}:${number}`, random));
    yield { userId, body };
  }
};
