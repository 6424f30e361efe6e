/** /pos/v1: everything a till, an app acting for one, and the operators behind them need. */
import type { Route } from '../route.js';
import { anonymousPurchaseRoutes } from './anonymousPurchases.js';
import { attributeRoutes } from './attributes.js';
import { cardRoutes } from './cards.js';
import { couponRoutes } from './coupons.js';
import { giftCardRoutes } from './giftCards.js';
import { languageRoutes } from './language.js';
import { logonRoutes } from './logon.js';
import { loyaltyRoutes } from './loyalties.js';
import { memberRoutes } from './members.js';
import { personRoutes } from './person.js';
import { pointRoutes } from './points.js';
import { productRoutes } from './products.js';
import { progressRoutes } from './progress.js';
import { purchaseRoutes } from './purchases.js';
import type { PosServices } from './services.js';
import { referralRoutes } from './referrals.js';
import { tokenRoutes } from './tokens.js';
import { userRoutes } from './users.js';

export const posRoutes = (services: PosServices): readonly Route[] => [
  ...purchaseRoutes(services),
  ...anonymousPurchaseRoutes(services),
  ...userRoutes(services),
  ...attributeRoutes(services),
  ...languageRoutes(services),
  ...personRoutes(services),
  ...memberRoutes(services),
  ...progressRoutes(services),
  ...pointRoutes(services),
  ...couponRoutes(services),
  ...giftCardRoutes(services),
  ...referralRoutes(services),
  ...cardRoutes(services),
  ...productRoutes(services),
  ...loyaltyRoutes(services),
  ...tokenRoutes(services),
  ...logonRoutes(services),
];
