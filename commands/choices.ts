/**
 * What is wrong with a value that may be one of several things.
 *
 * Ajv tells what keeps it from being each of them, a dozen faults for one word that is missing, and nobody can say which of them to
 * mend. Here the one is found that was meant: by the field that names its kind, or as the only one of the value's type; what keeps
 * the value from being that is told alone. Where nothing says which was meant, all is told.
 */
import type { ErrorObject } from 'ajv';

interface Branch {
  readonly const?: unknown;
  readonly type?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, { readonly const?: unknown }>>;
}

/** Of a choice between values alone: those values. */
const valuesOf = (branches: readonly Branch[]): readonly unknown[] | null =>
  branches.every((one) => 'const' in one || one.type === 'null')
    ? branches.map((one) => one.const ?? null)
    : null;

/** The field that every branch has with a value of its own. */
const kindOf = (branches: readonly Branch[]): string | undefined =>
  Object.entries(branches[0]?.properties ?? {}).find(([name]) => {
    const values = branches.map((one) => one.properties?.[name]?.const);
    return !values.includes(undefined) && new Set(values).size === branches.length;
  })?.[0];

/** Of objects without such a field: what each branch asks for and no other knows. */
const ownFieldsOf = (branches: readonly Branch[]): readonly (readonly string[])[] =>
  branches.map(({ required = [] }, at) =>
    required.filter((name) =>
      branches.every(({ properties = {} }, other) => other === at || !(name in properties)),
    ),
  );

const isWithin = (error: ErrorObject, choice: ErrorObject): boolean =>
  error !== choice &&
  error.schemaPath.startsWith(`${choice.schemaPath}/`) &&
  (error.instancePath === choice.instancePath ||
    error.instancePath.startsWith(`${choice.instancePath}/`));

const isOf = (error: ErrorObject, choice: ErrorObject, branch: number): boolean =>
  isWithin(error, choice) && error.schemaPath.startsWith(`${choice.schemaPath}/${branch}/`);

const saying = (
  choice: ErrorObject,
  keyword: string,
  params: ErrorObject['params'],
): ErrorObject => ({
  keyword,
  params,
  instancePath: choice.instancePath,
  schemaPath: choice.schemaPath,
});

/** An object that has what one of them alone asks for was meant to be that one. */
const byOwnFields = (
  choice: ErrorObject,
  meant: readonly Branch[],
  possible: readonly number[],
  data: object,
): ErrorObject | number | null => {
  const own = ownFieldsOf(meant);
  if (own.some((names) => names.length === 0)) return null;
  const hit = own.flatMap((names, at) => (names.some((name) => name in data) ? [at] : []));
  const [first = 0] = hit;
  if (hit.length === 1) return possible[first] ?? null;
  if (hit.length > 1) return null;
  return saying(choice, 'fields', { fields: own.map((names) => names.join(' with ')) });
};

/** One fault in place of all, the number of the branch that was meant, or null: nothing says. */
const verdictOn = (choice: ErrorObject, parts: readonly ErrorObject[]) => {
  const branches = choice.schema as readonly Branch[];
  const allowedValues = valuesOf(branches);
  if (allowedValues) return saying(choice, 'enum', { allowedValues });
  const isOfAnotherType = (branch: number): boolean =>
    parts.some(
      (error) =>
        isOf(error, choice, branch) &&
        error.keyword === 'type' &&
        error.instancePath === choice.instancePath,
    );
  const possible = branches.map((_, branch) => branch).filter((one) => !isOfAnotherType(one));
  if (possible.length === 0) {
    const types = branches.flatMap(({ type }) => (typeof type === 'string' ? type : []));
    return saying(choice, 'types', { types: [...new Set(types)] });
  }
  const [only] = possible;
  if (possible.length === 1 && only !== undefined && branches.length > 1) return only;
  const meant = possible.map((one) => branches[one] as Branch);
  const data = choice.data as Readonly<Record<string, unknown>>;
  if (typeof data !== 'object' || data === null) return null;
  const kind = kindOf(meant);
  if (kind === undefined) return byOwnFields(choice, meant, possible, data);
  const kinds = meant.map((one) => one.properties?.[kind]?.const);
  const at = kinds.indexOf(data[kind]);
  if (at >= 0) return possible[at] ?? null;
  const wrong = kind in data ? 'enum' : 'kind';
  const params = { allowedValues: kinds, missingProperty: kind };
  return Object.assign(saying(choice, wrong, params), {
    instancePath: wrong === 'enum' ? `${choice.instancePath}/${kind}` : choice.instancePath,
  });
};

/** The faults that are worth telling: in place of those of every branch, those of the one that was meant. */
export const withChoicesMade = (errors: readonly ErrorObject[]): readonly ErrorObject[] => {
  let told = errors;
  for (const choice of errors) {
    if (choice.keyword !== 'anyOf' || !told.includes(choice)) continue;
    const parts = told.filter((error) => isWithin(error, choice));
    const verdict = verdictOn(choice, parts);
    if (verdict === null) continue;
    if (typeof verdict === 'number' && !parts.some((error) => isOf(error, choice, verdict))) {
      continue; // What is wrong there was told by another name: a schema that refers to another.
    }
    const kept = (error: ErrorObject): boolean =>
      typeof verdict === 'number' && isOf(error, choice, verdict);
    told = told.flatMap((error) => {
      if (error === choice) return typeof verdict === 'number' ? [] : [verdict];
      return !isWithin(error, choice) || kept(error) ? [error] : [];
    });
  }
  return told;
};
