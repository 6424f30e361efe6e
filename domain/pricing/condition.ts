/**
 * What a condition is: a name, the schema of its arguments, one sentence for people, and how it is judged. The console builds its
 * forms, the reference its tables and the engine its tests from this alone; conditions.ts lists the kinds there are.
 *
 * A condition is about a line or about the receipt as a whole. `compile` does what can be done once for all receipts. The hint
 * says which facts a receipt must have for the condition to have a chance, so that nobody else's campaigns are tried; that of a
 * condition about a line says it all: it holds for the lines that have one of the values, and for no others.
 */
import type { TProperties } from '@sinclair/typebox';
import type { BasketLine } from './basketLines.js';
import { describe, type Described, type Given } from './described.js';
import type { Facts } from './facts.js';
import type { LineHint } from './linesBy.js';

/** Facts that campaigns are found by, from the most telling to the least. */
export const hintNames = [
  'coupon',
  'pointOfSale',
  'segment',
  'product',
  'merchant',
  'brand',
  'tier',
  'category',
  'weekday',
] as const;
export type HintName = (typeof hintNames)[number];

/** The receipt has at least one of `values`, or the condition does not hold. */
export interface Hint {
  readonly by: HintName;
  readonly values: readonly (string | number)[];
}

/** `payable` is what the receipt comes to at that moment, minor units. */
export type ReceiptTest = (facts: Facts, payable: number) => boolean;
export type LineTest = (line: BasketLine, facts: Facts, payable: number) => boolean;

/** Places of the lines that meet a condition, rising. */
export type LineFinder = (facts: Facts, payable: number) => readonly number[];

export interface ReceiptCondition<
  Kind extends string = string,
  Properties extends TProperties = TProperties,
> extends Described<Kind, Properties> {
  readonly about: 'receipt';
  readonly compile: (given: Given<Kind, Properties>) => ReceiptTest;
  readonly hint?: (given: Given<Kind, Properties>) => Hint;
}

export interface LineCondition<
  Kind extends string = string,
  Properties extends TProperties = TProperties,
> extends Described<Kind, Properties> {
  readonly about: 'line';
  readonly compile: (given: Given<Kind, Properties>) => LineTest;
  readonly hint?: (given: Given<Kind, Properties>) => LineHint;
}

type Rules<Condition> = Omit<Condition, 'kind' | 'summary' | 'schema' | 'about'>;

export const receiptCondition = <Kind extends string, Properties extends TProperties>(
  kind: Kind,
  summary: string,
  properties: Properties,
  rules: Rules<ReceiptCondition<Kind, Properties>>,
): ReceiptCondition<Kind, Properties> => ({
  ...describe(kind, summary, properties),
  about: 'receipt',
  ...rules,
});

export const lineCondition = <Kind extends string, Properties extends TProperties>(
  kind: Kind,
  summary: string,
  properties: Properties,
  rules: Rules<LineCondition<Kind, Properties>>,
): LineCondition<Kind, Properties> => ({
  ...describe(kind, summary, properties),
  about: 'line',
  ...rules,
});
