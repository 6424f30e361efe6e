/** Bodies that can be sent as they are, for the documentation. */
const lines = [
  { productId: '85123A', quantity: 6, price: 255 },
  { productId: 'BANANAS', quantity: 0.345, price: 190 },
];

export const basketExample = { summary: 'A basket', value: { lines, redeemPoints: 0 } };

export const couponExample = {
  summary: 'A basket with a coupon',
  value: { lines, redeemPoints: 0, coupons: ['WELCOME10'], attributes: { channel: 'shop' } },
};

export const anonymousBasketExample = { summary: 'A basket of nobody we know', value: { lines } };

export const confirmExample = {
  summary: 'A receipt of two lines, one by weight',
  value: { purchaseId: '20260301-0001', lines, redeemPoints: 0 },
};

export const giftCardExample = {
  summary: 'A receipt that a gift card pays as far as it goes',
  value: { purchaseId: '20260301-0003', lines, giftCards: [{ number: '0018-H30D-SRPC-0PJG' }] },
};

export const anonymousExample = {
  summary: 'A receipt of nobody we know',
  value: { purchaseId: '20260301-0002', lines },
};

export const returnExample = {
  summary: 'Two pieces of the first line',
  value: { returnId: 'R-20260301-0001', lines: [{ position: 1, quantity: 2 }] },
};
