/**
 * In which language something is said to somebody: the first that the template speaks of what the request wishes, what the customer prefers,
 * the template's own, the programme's. Of a wish for exactly `de-AT` its language will do. The answer says whose wish it was, and which were
 * passed over, so that it can be told afterwards why somebody was written to in a language that is not theirs.
 */

/** BCP 47. What no tag can be matches nothing. */
export interface LocaleWishes {
  readonly request: string | null;
  readonly customer: string | null;
  readonly template: string;
  readonly programme: string;
}

/** In the order in which they are heard. */
export const localeBases = ['request', 'customer', 'template', 'programme'] as const;
export type LocaleBasis = (typeof localeBases)[number];

export interface LocaleChoice {
  /** As the template spells it. */
  readonly locale: string;
  readonly basis: LocaleBasis;
  /** Wishes that the template says nothing in. */
  readonly passedOver: { readonly request?: string; readonly customer?: string };
}

/** @param spoken by the template, in any order. Undefined: none of the wishes, nor its own, nor the programme's. */
export const chosenLocale = (
  wishes: LocaleWishes,
  spoken: readonly string[],
): LocaleChoice | undefined => {
  const { request, customer } = wishes;
  for (const basis of localeBases) {
    const wish = wishes[basis];
    const isWish = basis === 'request' || basis === 'customer';
    const locale =
      wish === null ? undefined : found(isWish ? chainOf(wish) : [oneOf(wish)], spoken);
    if (locale === undefined) continue;
    const passedOver = {
      ...(basis !== 'request' && request !== null ? { request } : {}),
      ...(!isWish && customer !== null ? { customer } : {}),
    };
    return { locale, basis, passedOver };
  }
  return undefined;
};

const found = (chain: readonly string[], spoken: readonly string[]): string | undefined => {
  for (const wanted of chain) {
    const one = spoken.find((each) => oneOf(each) === wanted);
    if (one !== undefined) return one;
  }
  return undefined;
};

/** Asking Intl costs microseconds, and there are few languages. */
const rememberedMax = 1_000;
const remembered = <Value>(find: (tag: string) => Value): ((tag: string) => Value) => {
  const known = new Map<string, Value>();
  return (tag) => {
    let value = known.get(tag);
    if (value === undefined) {
      value = find(tag);
      if (known.size >= rememberedMax) known.clear();
      known.set(tag, value);
    }
    return value;
  };
};

const unlessWrong = <Value>(ask: () => Value, otherwise: Value): Value => {
  try {
    return ask();
  } catch {
    return otherwise;
  }
};

/** `PT_br` and `pt-BR` are one, and so are `tl` and `fil`. */
const oneOf = remembered((tag): string => {
  const plain = tag.replaceAll('_', '-');
  return unlessWrong(() => Intl.getCanonicalLocales(plain)[0] ?? plain, plain).toLowerCase();
});

/** `zh-TW` is written in another script than `zh` is taken for: `zh-Hant`. */
const scripted = (tag: string): string =>
  unlessWrong(() => {
    const { language, script } = new Intl.Locale(tag).maximize();
    return script === undefined ? tag : `${language}-${script}`.toLowerCase();
  }, tag);

/** `sr-Latn-RS` → `sr-latn-rs`, `sr-latn`, `sr`; `zh-TW` → `zh-tw`, `zh-hant`, `zh`. */
const chainOf = remembered((wish): readonly string[] => {
  const exact = oneOf(wish);
  const parts = exact.split('-');
  const shorter = parts.slice(1).map((_part, i) => parts.slice(0, parts.length - 1 - i).join('-'));
  const language = shorter.pop();
  const chain = [exact, ...shorter, scripted(exact)];
  return [...new Set(language === undefined ? [exact] : [...chain, language])];
});
