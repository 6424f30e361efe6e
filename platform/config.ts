/**
 * The configuration of a process: what the environment and the command line say, by the table of settings.
 *
 * The environment is read once, here, and handed in, so nothing else looks at process.env. The result is complete,
 * valid and frozen, or there is one error that lists every fault.
 */
import type { Setting } from './config/setting.js';
import { type SettingName, settingNames, settings } from './config/settings.js';

type Settings = typeof settings;
export type Config = {
  readonly [Name in SettingName]: Settings[Name] extends Setting<infer T> ? T : never;
};
/** Values from the command line, as text; they win over the environment. */
export type Overrides = { readonly [Name in SettingName]?: string | undefined };
type Environment = Readonly<Record<string, string | undefined>>;

/** Every fault at once, so that a faulty deployment is mended in one go. */
export class ConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(`The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/**
 * Reads the configuration. An empty variable counts as absent.
 * @throws ConfigError with all faults.
 */
export const readConfig = (environment: Environment, overrides: Overrides = {}): Config => {
  const faults: string[] = [];
  const entries = settingNames.map((name) => {
    const { env, kind, default: fallback } = settings[name];
    const override = overrides[name];
    const source = override === undefined ? env : `--${name}`;
    try {
      return [name, kind.parse(override ?? (environment[env] || fallback))];
    } catch (error) {
      faults.push(`${source}: ${(error as Error).message}`);
      return [name, undefined];
    }
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(Object.fromEntries(entries) as Config);
};

/** Variables that look like ours and are none: most likely slips, worth a warning. */
export const unknownVariables = (environment: Environment): readonly string[] => {
  const known = new Set<string>(settingNames.map((name) => settings[name].env));
  return Object.keys(environment).filter((name) => name.startsWith('KOPILKA_') && !known.has(name));
};

const hidden = (value: string): string => {
  if (value !== '' && !value.includes('://')) return '(hidden)';
  return (
    value
      // Up to the last @ before the path: a password may hold one itself.
      .replace(/^([a-z+]+:\/\/[^:/]*):[^/]*@/, '$1:(hidden)@')
      // Others go as an argument.
      .replace(/([?&][^=&]*(?:token|key|secret|password)[^=&]*)=[^&]*/gi, '$1=(hidden)')
  );
};

/** The configuration for the log: secrets hidden. */
export const printableConfig = (config: Config): Readonly<Record<SettingName, unknown>> =>
  Object.fromEntries(
    settingNames.map((name) => {
      const definition: Setting<unknown> = settings[name];
      const value = config[name];
      return [name, definition.secret ? hidden(String(value)) : value];
    }),
  ) as Record<SettingName, unknown>;
