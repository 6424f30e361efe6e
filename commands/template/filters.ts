/**
 * What may be done with a value in a template, and nothing else: no escaping is switched off, nothing is decoded, hashed or looked up.
 * Amounts, numbers and times are written as the recipient's locale writes them, on the clock of their time zone.
 */
import type { Context, Liquid } from 'liquidjs';
import { minorDigits } from '../../domain/amountText.js';
import { countAll } from './counted.js';

/** Of LiquidJS, as it has them. */
const kept = new Set([
  ...['abs', 'append', 'at_least', 'at_most', 'capitalize', 'ceil', 'compact', 'concat', 'default'],
  ...[
    'divided_by',
    'downcase',
    'first',
    'floor',
    'join',
    'last',
    'lstrip',
    'map',
    'minus',
    'modulo',
  ],
  ...['plus', 'prepend', 'remove', 'remove_first', 'replace', 'replace_first', 'reverse', 'round'],
  ...['rstrip', 'size', 'slice', 'sort', 'split', 'squish', 'strip', 'strip_newlines', 'sum'],
  ...['times', 'truncate', 'truncatewords', 'uniq', 'upcase', 'url_encode', 'where'],
]);
const keptTags = new Set([
  ...['assign', 'break', 'capture', 'case', 'comment', 'continue', 'cycle', 'echo', 'for', 'if'],
  ...['liquid', 'raw', 'unless', '#'],
]);

/** What filters know of the recipient besides the variables. */
export interface Reader {
  readonly locale: string;
  /** IANA */
  readonly timeZone: string;
}

interface FilterCall {
  readonly context: Context;
}
const readerOf = (call: FilterCall): Reader =>
  (call.context.globals as { readonly reader: Reader }).reader;

const formatsMax = 500;
const numbers = new Map<string, Intl.NumberFormat>();
const times = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs a hundred times what using it does. */
const remembered = <Format>(known: Map<string, Format>, key: string, make: () => Format) => {
  let format = known.get(key);
  if (format === undefined) {
    if (known.size >= formatsMax) known.clear();
    known.set(key, (format = make()));
  }
  return format;
};

const numberIn = (locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  remembered(
    numbers,
    `${locale} ${JSON.stringify(options)}`,
    () => new Intl.NumberFormat(locale, options),
  );

const styles = ['short', 'medium', 'long', 'full'] as const;
type Style = (typeof styles)[number];
const isStyle = (value: unknown): value is Style => styles.some((style) => style === value);

const timeIn = (
  { locale, timeZone }: Reader,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat =>
  remembered(
    times,
    `${locale} ${timeZone} ${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(locale, { timeZone, ...options }),
  );

const dayGrammar = /^\d{4}-\d{2}-\d{2}$/;

/** Filters throw nothing that holds a value: what they say is kept with the message. */
const wrong = (filter: string, wanted: string): never => {
  throw new Error(`${filter} takes ${wanted}`);
};

const moneyText = (reader: Reader, value: unknown): string => {
  const { minor, currency } = (value ?? {}) as { minor?: unknown; currency?: unknown };
  if (typeof minor !== 'number' || typeof currency !== 'string') {
    return wrong('money', 'an amount: {minor, currency}');
  }
  const amount = minor / 10 ** minorDigits(currency);
  return numberIn(reader.locale, { style: 'currency', currency }).format(amount);
};

const dateText = (reader: Reader, value: unknown, style: unknown = 'medium'): string => {
  const at = typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(at)) return wrong('date', 'a time of ISO 8601');
  if (!isStyle(style)) return wrong('date', `one of ${styles.join(', ')}`);
  // A day without a time is that day everywhere.
  const zone = dayGrammar.test(value as string) ? { ...reader, timeZone: 'UTC' } : reader;
  return timeIn(zone, { dateStyle: style }).format(at);
};

const clockText = (reader: Reader, value: unknown): string => {
  const at = typeof value === 'string' ? Date.parse(value) : NaN;
  if (Number.isNaN(at)) return wrong('time', 'a time of ISO 8601');
  return timeIn(reader, { timeStyle: 'short' }).format(at);
};

const numberText = (reader: Reader, value: unknown): string =>
  typeof value === 'number'
    ? numberIn(reader.locale, { maximumFractionDigits: 6 }).format(value)
    : wrong('number', 'a number');

/** Nothing stays nothing: what is optional may be left out. */
const ofReader = (filter: (reader: Reader, value: unknown, argument?: unknown) => string) =>
  function (this: FilterCall, value: unknown, argument?: unknown): string {
    return value === null || value === undefined ? '' : filter(readerOf(this), value, argument);
  };

/** Takes away what is not listed here, and adds ours. */
export const restrict = (engine: Liquid): Liquid => {
  for (const name of Object.keys(engine.filters)) {
    if (!kept.has(name)) engine.unregisterFilter(name);
  }
  for (const name of Object.keys(engine.tags)) if (!keptTags.has(name)) delete engine.tags[name];
  countAll(engine);
  engine.registerFilter('money', ofReader(moneyText));
  engine.registerFilter('number', ofReader(numberText));
  engine.registerFilter(
    'points',
    ofReader((reader, value) =>
      typeof value === 'number' ? numberText(reader, value / 100) : wrong('points', 'hundredths'),
    ),
  );
  engine.registerFilter('date', ofReader(dateText));
  engine.registerFilter('time', ofReader(clockText));
  return engine;
};
