/**
 * What a condition of a dynamic segment is: a name, the schema of its arguments, one sentence for people, and how it is judged on the
 * figures of an account. The console builds its forms from this; conditions.ts lists the kinds there are.
 *
 * `holds` is the meaning. The same is said a second time in SQL (projections/segments/predicates.ts), which judges a million accounts
 * without fetching one; a property test keeps the two together.
 */
import {
  Type,
  type Static,
  type TLiteral,
  type TObject,
  type TProperties,
} from '@sinclair/typebox';
import type { AccountFigures } from './figures.js';

type ArgumentsOf<Kind extends string, Properties extends TProperties> = TObject<
  { kind: TLiteral<Kind> } & Properties
>;

export interface AccountCondition<
  Kind extends string = string,
  Properties extends TProperties = TProperties,
> {
  readonly kind: Kind;
  /** One sentence: of which accounts it holds. */
  readonly summary: string;
  readonly schema: ArgumentsOf<Kind, Properties>;
  /** Arguments of which at least one must be given. */
  readonly needsOneOf: readonly string[];
  readonly holds: (
    given: Static<ArgumentsOf<Kind, Properties>>,
    account: AccountFigures,
    asOf: number,
  ) => boolean;
}

export const accountCondition = <Kind extends string, Properties extends TProperties>(
  kind: Kind,
  summary: string,
  properties: Properties,
  rules: {
    readonly holds: AccountCondition<Kind, Properties>['holds'];
    readonly needsOneOf?: readonly (keyof Properties & string)[];
  },
): AccountCondition<Kind, Properties> => ({
  kind,
  summary,
  schema: Type.Object(
    { kind: Type.Literal(kind), ...properties },
    { additionalProperties: false, title: `segment-${kind}`, description: summary },
  ) as ArgumentsOf<Kind, Properties>,
  needsOneOf: [],
  ...rules,
});
