/** promtool as deploy/prometheus/promtool.sh leaves it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../../platform/packageRoot.js';

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'kopilka');
const places = [...(process.env['PATH'] ?? '').split(delimiter), cache];
const program = places.map((place) => join(place, 'promtool')).find((file) => existsSync(file));

/** Why it cannot be used here; null: it can. */
export const missing = program
  ? null
  : 'no promtool here: deploy/prometheus/promtool.sh fetches it';

/** In deploy/prometheus. @returns null where it was content, what it said otherwise. */
export const promtool = (...args: string[]): string | null => {
  const cwd = join(packageRoot, 'deploy/prometheus');
  const ran = spawnSync(program ?? '', args, { cwd, encoding: 'utf8', timeout: 30_000 });
  return ran.status === 0 ? null : `${ran.stdout}${ran.stderr}`;
};
