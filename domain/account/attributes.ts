/** Attributes of a customer: what is asked for against what is known, so that a repeat records nothing. */
import type { AttributeValue } from '../pricing/basketLines.js';
import { rejected } from '../rejected.js';
import { assertOpen } from './customer.js';
import type { AccountEvent } from './events.js';
import { withAttributes } from './profile.js';
import { attributesMax } from './profileEvents.js';
import type { Account } from './state.js';

/** What is left out stays as it is; null takes it away. @throws Rejected account-not-found, account-closed, too-many-attributes */
export const setAttributes = (
  { attributes }: { readonly attributes: Readonly<Record<string, AttributeValue | null>> },
  account: Account,
): AccountEvent[] => {
  assertOpen(account);
  const before = account.profile.attributes;
  const set: Record<string, AttributeValue> = {};
  const removed: string[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    const known = Object.hasOwn(before, name);
    if (value === null) {
      if (known) removed.push(name);
    } else if (!known || before[name] !== value) set[name] = value;
  }
  if (Object.keys(set).length === 0 && removed.length === 0) return []; // already carried out
  const after = withAttributes(account.profile, { set, removed }).attributes;
  const count = Object.keys(after).length;
  if (count > attributesMax) throw rejected('too-many-attributes', { count, most: attributesMax });
  return [{ type: 'CustomerAttributesSet', data: { set, removed } }];
};
