/**
 * Keeps secrets and personal data out of log lines: by the name of a field, at every depth.
 *
 * pino's own redaction wants each path listed, so a new field one level deeper would leak silently. Here every word
 * of a field's name is judged (accessToken, till_token, x-api-secret), once per name; objects without such a field
 * are passed on uncopied.
 */
const sensitiveWords = new Set([
  ...['authorization', 'token', 'tokens', 'password', 'passwords', 'secret', 'secrets'],
  ...['phone', 'phones', 'email', 'emails', 'cookie', 'cookies', 'jwk'],
]);
/** tokenId, secretCount: about the secret, not the secret. */
const harmlessEndings = new Set(['id', 'count', 'kind', 'type', 'ms', 'at', 'bytes']);

const deepest = 6;
const verdicts = new Map<string, boolean>();
const mostVerdicts = 10_000;

const judge = (name: string): boolean => {
  const words = name
    .replace(/e-mail|eMail/gi, 'email')
    .split(/(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase());
  return words.some((word) => sensitiveWords.has(word)) && !harmlessEndings.has(words.at(-1) ?? '');
};

const isSensitive = (name: string): boolean => {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = judge(name);
  if (verdicts.size < mostVerdicts) verdicts.set(name, verdict);
  return verdict;
};

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

const hideIn = (value: unknown, depth: number): unknown => {
  if (Array.isArray(value)) {
    if (depth >= deepest) return '(too deep)';
    const items = value.map((item) => hideIn(item, depth + 1));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (!isPlain(value)) return value;
  if (depth >= deepest) return '(too deep)';
  let copy: Record<string, unknown> | undefined;
  for (const name in value) {
    const inner = value[name];
    const empty = inner === undefined || inner === null;
    const shown =
      !empty && isSensitive(name)
        ? '(hidden)'
        : typeof inner === 'object'
          ? hideIn(inner, depth + 1)
          : inner;
    if (shown !== inner) (copy ??= { ...value })[name] = shown;
  }
  return copy ?? value;
};

/** The same fields with secrets and personal data replaced; the given object is never changed. */
export const hidePersonal = (fields: Record<string, unknown>): Record<string, unknown> =>
  hideIn(fields, 0) as Record<string, unknown>;
