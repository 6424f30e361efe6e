/** What a letter that was handed over can be at fault of. Nothing else is thrown while one is read, whatever it holds. */

export const letterFaults = {
  'bad-encoding': 'a part is encoded in a way that nobody knows',
  'feedback-unused': 'the feedback is no complaint of a recipient',
  'no-action': 'the report does not say what became of the letter',
  'no-boundary': 'a part of several parts does not say what divides them',
  'no-date': 'neither the letter nor the report says when it was',
  'no-report': 'no part of it reports of a letter (multipart/report)',
  'not-ours': 'nothing in it names a letter that this provider sent',
  'too-deep': 'its parts are nested too deeply',
  'too-large': 'it is too large',
  'too-many-headers': 'a head has too many lines',
  'too-many-parts': 'it has too many parts',
  'too-many-recipients': 'it reports of too many recipients',
} as const;
export type LetterFault = keyof typeof letterFaults;

export class LetterUnreadable extends Error {
  override readonly name = 'LetterUnreadable';
  constructor(readonly fault: LetterFault) {
    super(`${fault}: ${letterFaults[fault]}`);
  }
}
