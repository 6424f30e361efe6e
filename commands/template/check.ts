/**
 * Whether a template can be rendered at all, before it is stored: each source parses, names only what is declared, and the examples that
 * are given are of their kinds. All faults at once, each with the place in the content.
 */
import { type Body, type TemplateContent, type Variable } from '../../domain/template/template.js';
import { engineOf, parts } from './render.js';
import { givenNames, isOfKind, reservedNames } from './variables.js';

export interface TemplateFault {
  /** JSON pointer into the content. */
  readonly pointer: string;
  readonly reason: string;
}

export const faultsMax = 50;

/** At most `faultsMax`; empty where it can be stored. */
export const templateFaults = (content: TemplateContent): readonly TemplateFault[] => {
  const known = new Set([...content.variables.map(({ name }) => name), ...givenNames]);
  const faults = [
    ...localeFaults(content),
    ...content.variables.flatMap((one, index) => variableFaults(one, index, content.variables)),
    ...Object.entries(content.bodies).flatMap(([locale, bodies]) =>
      Object.entries(bodies).flatMap(([channel, body]) =>
        bodyFaults(body, `/bodies/${locale}/${channel}`, known),
      ),
    ),
  ];
  return faults.slice(0, faultsMax);
};

const localeFaults = ({ bodies, defaultLocale }: TemplateContent): TemplateFault[] => {
  const faults = Object.keys(bodies)
    .filter((locale) => !isLocale(locale))
    .map((locale) => ({ pointer: `/bodies/${locale}`, reason: 'is not a locale of BCP 47' }));
  if (bodies[defaultLocale]) return faults;
  return [...faults, { pointer: '/defaultLocale', reason: 'has no bodies: add them in bodies' }];
};

const isLocale = (locale: string): boolean => {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
};

const variableFaults = (
  { name, kind, example }: Variable,
  index: number,
  all: readonly Variable[],
): TemplateFault[] => {
  const pointer = `/variables/${index}`;
  const faults: TemplateFault[] = [];
  if (reservedNames.has(name)) {
    const names = givenNames.join(', ');
    faults.push({ pointer: `${pointer}/name`, reason: `is filled in by itself, like ${names}` });
  }
  if (all.findIndex((one) => one.name === name) < index) {
    faults.push({ pointer: `${pointer}/name`, reason: 'is declared twice' });
  }
  if (example !== undefined && !isOfKind(kind, example)) {
    faults.push({ pointer: `${pointer}/example`, reason: `is not of kind ${kind}` });
  }
  return faults;
};

const bodyFaults = (body: Body, place: string, known: ReadonlySet<string>): TemplateFault[] =>
  parts.flatMap((part) => {
    const source = body[part];
    if (source === undefined) return [];
    const pointer = `${place}/${part}`;
    const engine = engineOf(part);
    try {
      const used = engine.globalVariablesSync(engine.parse(source), { partials: false });
      return used
        .filter((name) => !known.has(name))
        .map((name) => ({ pointer, reason: `${name} is not declared in variables` }));
    } catch (error) {
      return [{ pointer, reason: (error as Error).message.split('\n')[0] ?? 'cannot be parsed' }];
    }
  });
