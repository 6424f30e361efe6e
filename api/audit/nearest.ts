/**
 * The names that somebody may have meant by one that there is not: those a few slips of the keyboard away, and those the word is a
 * part of. Case does not count. Bounded by the list it is given and by the length of the word.
 */

/** A word this long is no slip of the keyboard any more. */
const lengthMax = 80;
/** Of the longer word: a third of it wrong is another word. */
const slipsShareMax = 0.3;

/** The nearest first, at most `most` of them; none where nothing is near. */
export const nearestNames = (word: string, names: readonly string[], most = 3): string[] => {
  const asked = word.toLowerCase().slice(0, lengthMax);
  return names
    .map((name) => ({ name, slips: slipsTo(asked, name.toLowerCase()) }))
    .filter(({ slips }) => slips !== null)
    .sort((a, b) => (a.slips as number) - (b.slips as number) || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
};

/** Null where the two are not alike. A name that holds the whole word is as near as its rest is short. */
const slipsTo = (asked: string, name: string): number | null => {
  const slips = editDistance(asked, name);
  if (slips <= slipsShareMax * Math.max(asked.length, name.length)) return slips;
  return asked.length >= 3 && name.includes(asked) ? slips : null;
};

/** Levenshtein's: characters put in, left out or changed, by one row of the table at a time. */
const editDistance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
};
