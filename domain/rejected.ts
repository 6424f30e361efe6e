/**
 * A decision against a command: a stable code that callers program against, and the facts that explain it.
 *
 * The table of codes with titles is here; which HTTP status a code becomes is known to api/problem.ts alone.
 */
export const rejections = {
  'account-closed': 'The account is closed',
  'account-not-found': 'There is no such customer',
  'adjustment-exists': 'Another adjustment was recorded under this id',
  'already-registered': 'This id is already taken by something else',
  'amount-mismatch': 'The amount of a line does not agree with its price and quantity',
  'app-not-found': 'There is no such app',
  'approval-missing': 'The version of the campaign was not approved',
  'basket-too-large': 'The totals of the receipt exceed what can be counted exactly',
  'budget-exhausted': 'The budget of the campaign does not hold what the receipt asks of it',
  'campaign-ended': 'The campaign has ended',
  'campaign-not-found': 'There is no such campaign',
  'card-blocked': 'The card is blocked',
  'card-not-found': 'There is no such card',
  'card-taken': 'The card number belongs to another customer',
  'chances-exceed-certainty': 'The chances of all prizes together are more than certainty',
  'contact-taken': 'The phone or e-mail belongs to another customer',
  'coupon-blocked': 'The coupon is blocked',
  'coupon-limit-reached': 'The customer has used this code as often as one may',
  'coupon-not-found': 'There is no such coupon',
  'coupon-reserved': 'Another receipt is using this coupon at the moment',
  'coupon-spent': 'The coupon was used before',
  'coupon-terms-wrong': 'The terms of the series do not agree with each other',
  'coupon-used-up': 'The code was used as often as all customers together may',
  'coupon-word-taken': 'The word belongs to another series',
  'credentials-refused': 'The login or the password is wrong',
  'currency-mismatch': 'The programme counts in another currency',
  'draft-open': 'The campaign has a draft already',
  'ends-before-it-begins': 'It would end before it begins',
  'foreign-merchant': 'This belongs to another merchant',
  'four-eyes-needed': 'Whoever wrote a campaign cannot approve it',
  'game-ended': 'The game has ended',
  'game-not-found': 'There is no such game',
  'idempotency-key-reused': 'The idempotency key was used before with another body',
  'invalid-contact': 'The phone or e-mail is not valid',
  'invalid-user-id': 'The check digit of the customer id is wrong',
  'line-not-found': 'The purchase has no line at this position',
  'merchant-not-found': 'There is no such merchant',
  'no-draft': 'The campaign has no draft',
  'not-running': 'The campaign is neither in force nor scheduled',
  'not-submitted': 'The draft was not submitted',
  'nothing-to-return': 'Nothing of this purchase is left to return',
  'not-enough-points': 'The customer has fewer points than asked for',
  'offline-cannot-spend': 'An offline receipt may earn points but never spend them',
  'operator-not-found': 'There is no such operator',
  'point-of-sale-not-found': 'There is no such point of sale',
  'position-repeated': 'Two lines of the receipt have the same position',
  'price-changed': 'The outcome differs from the quote that was named',
  'prize-gone': 'None of this prize is left',
  'prize-repeated': 'Two prizes have the same name',
  'product-not-found': 'There is no such product',
  'programme-not-set': 'The tenant has no programme rule yet',
  'purchase-cancelled': 'The purchase was cancelled',
  'purchase-exists': 'Another purchase was confirmed under this id',
  'purchase-not-found': 'There is no such purchase',
  'redemption-not-allowed': 'An anonymous receipt has no points to pay with',
  'redemption-over-limit': 'More is to be paid by points than the programme allows',
  'return-exceeds-purchase': 'More is to be returned than was bought and not yet returned',
  'return-exists': 'Another return was recorded under this id',
  revoked: 'It was revoked and cannot be used any more',
  'segment-changed': 'The definition of the segment was changed in the meantime',
  'segment-computed': 'The members of this segment are computed, not listed',
  'segment-kind': 'A segment keeps its kind for life',
  'segment-not-found': 'There is no such segment',
  'segment-retired': 'The segment was retired',
  'segments-full': 'The segments of this installation hold as many members as they can',
  'series-closed': 'The series is closed',
  'series-kind-wrong': 'A series of this kind cannot do this',
  'series-not-found': 'There is no such series',
  'tenant-not-found': 'There is no such tenant',
  'tiers-not-ascending': 'Each level has to take more than the one before, under a name of its own',
  'tiers-not-set': 'The programme has no tiers',
  'till-not-found': 'There is no such till',
  'time-in-future': 'The receipt is dated in the future',
  'too-many-campaigns': 'The programme has as many versions of campaigns as it can have',
  'too-many-codes': 'The series allows fewer codes',
  'too-many-series': 'The programme has as many series of coupons as it can have',
  'too-many-versions': 'The campaign has as many versions as it can have',
  'version-not-found': 'The campaign has no such version',
} as const satisfies Record<string, string>;

export type RejectionCode = keyof typeof rejections;

export class Rejected extends Error {
  override readonly name = 'Rejected';
  constructor(
    readonly code: RejectionCode,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(rejections[code]);
  }
}

export const rejected = (
  code: RejectionCode,
  details?: Readonly<Record<string, unknown>>,
): Rejected => new Rejected(code, details);
