/**
 * What the codes of messages mean, in words: reasons of holds, advances and ends, verdicts on providers, classes of errors. The log holds
 * codes; a code that is not known here is shown with blanks for its dashes, so a new one is readable at once.
 */

const reasons: Readonly<Record<string, string>> = {
  'quiet-hours': 'it is night where the recipient lives',
  'frequency-cap': 'the recipient had as many of its kind as the rules let them have',
  'not-known-yet': 'what it needs was recorded a moment ago and is not known everywhere yet',
  'no-provider': 'no provider can carry it at the moment',
  'no-tokens': 'its providers are given as much as they take',
  unavailable: 'its providers are out of order',
  throttled: 'the provider asked for a pause',
  digest: 'others are gathered to go out with it',
  'no-address': 'the recipient has no address for this channel',
  condition: 'a condition of the step does not hold',
  'not-in-time': 'what the step waits for did not happen in its time',
  'attempts-used': 'it was tried as often as it may be',
  'outcome-unknown': 'nobody can tell whether it arrived',
  'unknown-outcome': 'nobody can tell whether the attempt before arrived',
  'refused-for-good': 'it was refused for good',
  'address-suppressed': 'the address is left alone',
  'consent-withdrawn': 'the recipient took the consent back',
  'no-consent': 'the recipient never consented',
  suppressed: 'the recipient does not want it',
  erased: 'the recipient was erased',
  recipient: 'the provider says that the address receives nothing',
  content: 'its text could not be made, or is carried by nobody',
  unreadable: 'what was sealed for it cannot be read',
  'no-step': 'it has no further step',
  'provider-account': 'the provider refuses our account',
  refused: 'the provider refused it',
  undelivered: 'a receipt says that it was not delivered',
  expired: 'it was worth nothing any more',
  accepted: 'the provider took it, which is all that is asked',
  'nothing-came-back': 'the provider took it, and reported no failure in its time',
  sent: 'the operator has it, which is all that is asked',
  delivered: 'a receipt proves it',
  seen: 'the recipient saw it',
  read: 'the recipient read it',
  clicked: 'the recipient followed its link',
};

const verdicts: Readonly<Record<string, string>> = {
  chosen: 'chosen',
  'chosen-to-probe': 'chosen, to find out whether it is well again',
  'weighed-less': 'the draw went to another',
  dearer: 'another is cheaper',
  'later-in-order': 'another comes first',
  'in-reserve': 'is kept in reserve',
  'breaker-open': 'its breaker is open',
  'breaker-probing': 'is being tried out',
  'waits-for-probe': 'waits for what a probe shows',
  'no-tokens': 'is given as much as it takes',
  throttled: 'asked for a pause',
  disabled: 'is disabled',
  'failed-before': 'failed on this message before',
  'not-in-rule': 'is not in the rule',
  'not-registered': 'is not registered',
  'cannot-carry': 'does not carry this channel',
  'account-refused': 'refuses our account',
};

const errors: Readonly<Record<string, string>> = {
  throttled: 'too fast',
  transient: 'may pass',
  unknownOutcome: 'nothing came back',
  recipientPermanent: 'of the address, for good',
  contentPermanent: 'of the text, for good',
  accountPermanent: 'of our account',
  expired: 'too late',
};

const plain = (code: string): string => code.replaceAll('-', ' ');

/** Their details name providers, which is the programme's own business. */
const ofProviders: ReadonlySet<string> = new Set(['no-provider', 'no-tokens', 'unavailable']);
export const namesProviders = (reason: string): boolean => ofProviders.has(reason);

/** A half-sentence that goes on from "because". */
export const reasonWords = (code: string): string => reasons[code] ?? plain(code);
/** What goes on from the provider's name. */
export const verdictWords = (code: string): string => verdicts[code] ?? plain(code);
export const errorWords = (errorClass: string): string => errors[errorClass] ?? plain(errorClass);
