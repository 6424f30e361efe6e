/** Where a message is to go: each channel has one kind of address. */
export type Address =
  | { readonly kind: 'email'; readonly email: string; readonly name?: string }
  /** E.164 */
  | { readonly kind: 'phone'; readonly phone: string }
  /** As the browser's PushSubscription. */
  | {
      readonly kind: 'push';
      readonly endpoint: string;
      readonly keys: { readonly p256dh: string; readonly auth: string };
    }
  | { readonly kind: 'telegram'; readonly chatId: string };

/** What tells one address of a kind from another. */
export const addressText = (address: Address): string => {
  switch (address.kind) {
    case 'email':
      return address.email;
    case 'phone':
      return address.phone;
    case 'push':
      return address.endpoint;
    case 'telegram':
      return address.chatId;
  }
};

/** Whatever of it, in a text, would tell who it is. */
export const addressForms = (address: Address): string[] => {
  const text = addressText(address);
  switch (address.kind) {
    case 'email':
      return address.name === undefined ? [text] : [text, address.name];
    case 'phone':
      return [text, text.replace(/^\+/, '')];
    case 'push':
      return [text, address.keys.auth, address.keys.p256dh];
    case 'telegram':
      return [text];
  }
};
