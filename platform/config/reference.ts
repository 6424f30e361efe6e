/** The table of settings as a page of the reference. */
import type { Setting } from './setting.js';
import { type SettingName, settingNames, settings } from './settings.js';

const row = (name: SettingName): string => {
  const { env, kind, default: fallback, description, secret }: Setting<unknown> = settings[name];
  const shown = fallback === '' ? '(empty)' : `\`${fallback}\``;
  const note = secret ? ' Secret.' : '';
  return `| \`${env}\` | ${name} | ${kind.description} | ${shown} | ${description}${note} |`;
};

/** The table as markdown: docs/reference/configuration.md. */
export const renderReference = (): string =>
  [
    '# Configuration',
    '',
    'Settings are read once at the start, from the environment; options of the command line win over it.',
    'An empty variable counts as absent. All faults are reported together, and nothing starts then.',
    'This page is the table in `platform/config/settings.ts`, rendered; a test holds the two together.',
    '',
    '| variable | name | value | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...settingNames.map(row),
    '',
  ].join('\n');
