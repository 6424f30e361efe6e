/** What is asked for: a text of its own to one of so many addresses, each with a key under which it is sealed. */
const recipients = 20_000;

export const requestOf = (number: number, notBefore: string): Record<string, unknown> => ({
  class: 'service',
  recipient: { email: `customer${number % recipients}@example.com`, locale: 'en' },
  channel: 'email',
  text: {
    subject: 'Your order is on its way',
    text: `Order ${number} left our shop in Riga today and arrives on Thursday.`,
  },
  reference: `order-${number}`,
  notBefore,
});
