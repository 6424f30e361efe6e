/**
 * What conditions and rewards have in common: a name, one sentence for people, and the schema of the arguments. The console builds its
 * forms and the reference its tables from this alone.
 */
import {
  Type,
  type Static,
  type TLiteral,
  type TObject,
  type TProperties,
} from '@sinclair/typebox';

export type ArgumentsOf<Kind extends string, Properties extends TProperties> = TObject<
  { kind: TLiteral<Kind> } & Properties
>;

export type Given<Kind extends string, Properties extends TProperties> = Static<
  ArgumentsOf<Kind, Properties>
>;

export interface Described<Kind extends string, Properties extends TProperties> {
  readonly kind: Kind;
  /** One sentence: when it holds, or what it gives. */
  readonly summary: string;
  readonly schema: ArgumentsOf<Kind, Properties>;
}

export const describe = <Kind extends string, Properties extends TProperties>(
  kind: Kind,
  summary: string,
  properties: Properties,
): Described<Kind, Properties> => ({
  kind,
  summary,
  schema: Type.Object(
    { kind: Type.Literal(kind), ...properties },
    { additionalProperties: false, title: kind, description: summary },
  ) as ArgumentsOf<Kind, Properties>,
});
