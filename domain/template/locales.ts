/** In which language something is said to somebody: the first there is of exactly theirs, their language, the template's, the tenant's. */

/** The order in which locales are looked for, each once. `asked` may be anything: what cannot be a locale matches none. */
export const localesFor = (
  asked: string | null | undefined,
  ofTemplate: string,
  ofTenant: string,
): readonly string[] => {
  const wanted = asked ? [asked, ...shorter(asked)] : [];
  return [...new Set([...wanted, ofTemplate, ofTenant])];
};

/** `sr-latn-rs` → `sr-latn`, `sr` */
const shorter = (locale: string): string[] => {
  const parts = locale.split(/[-_]/);
  return parts.slice(1).map((_part, index) => parts.slice(0, parts.length - 1 - index).join('-'));
};

const folded = (locale: string): string => locale.toLowerCase().replaceAll('_', '-');

/** The first of `order` that `has` has, in its spelling there; undefined where it has none of them. */
export const chosenLocale = (
  order: readonly string[],
  has: readonly string[],
): string | undefined => {
  for (const wanted of order) {
    const found = has.find((one) => folded(one) === folded(wanted));
    if (found !== undefined) return found;
  }
  return undefined;
};
