/** Whose of a household a card is, for answers: said only where several people are, or were, on the account. */
import type { Account } from '../../domain/account/state.js';
import { ownerOfCard } from '../../domain/household/household.js';
import type { CardNumber, MemberId } from '../../domain/ids.js';

export const carrierOf = (
  { household }: Account,
  cardNumber: CardNumber,
): { readonly memberId?: MemberId } =>
  household ? { memberId: ownerOfCard(household, cardNumber) } : {};
