/** The machine that figures were measured on: a figure without it says nothing. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { locatePackage } from '../../embedded/postgres/binaries.js';
import { packageRoot } from '../../platform/packageRoot.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly kopilka: string;
  readonly date: string;
  /** Processes that wanted to run over the last minute, before we began: above one, somebody else was measured too. */
  readonly loadBefore: number;
}

export const describeMachine = (now: Date): Machine => {
  const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
  };
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.version,
    postgres: locatePackage().version,
    kopilka: version,
    date: now.toISOString(),
    loadBefore: loadavg()[0] ?? 0,
  };
};

export const renderMachine = (machine: Machine): string =>
  [
    `${machine.cpu}, ${machine.cores} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(1)} GiB`,
    `${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres}`,
    `Kopilka ${machine.kopilka}, ${machine.date}, load before ${machine.loadBefore.toFixed(2)}`,
  ].join('; ');
