/**
 * What every receipt of a customer looks up: the shop it was made out in and the rule it is decided under.
 */
import type { MerchantId, PointOfSaleId } from '../../domain/ids.js';
import type { VersionedRule } from '../../domain/programme/rule.js';
import { decidedAt, type ReceiptTime } from '../../domain/receiptTime.js';
import { rejected } from '../../domain/rejected.js';
import type { CommandContext } from '../command.js';
import type { Directory } from '../directory.js';
import { presentPointOfSale } from '../registry/present.js';

interface AtShop {
  readonly merchantId: MerchantId;
  readonly pointOfSaleId: PointOfSaleId;
  readonly currency?: string;
}

/**
 * The rule in force when the receipt was made out.
 * @throws Rejected tenant-not-found, merchant-not-found, point-of-sale-not-found, revoked, programme-not-set, currency-mismatch,
 * time-in-future
 */
export const ruleOfReceipt = (
  directory: Directory,
  input: AtShop,
  time: ReceiptTime,
  { tenant }: CommandContext,
): VersionedRule => {
  presentPointOfSale(directory, tenant, input.merchantId, input.pointOfSaleId);
  const at = decidedAt(time);
  const rule = time.offline ? directory.ruleAt(tenant, at) : directory.rule(tenant);
  if (!rule) throw rejected('programme-not-set');
  assertCurrency(input.currency, rule.rule.currency);
  return rule;
};

/** @throws Rejected currency-mismatch */
export const assertCurrency = (given: string | undefined, expected: string): void => {
  if (given !== undefined && given !== expected) {
    throw rejected('currency-mismatch', { given, expected });
  }
};
