/** FerretDB as build.sh leaves it in the user's cache, started for a test on a port and a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../platform/packageRoot.js';

const sources = join(packageRoot, 'test/conformance/ferretdb');

/** The name that build.sh gives. */
const binary = (): string => {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go'])
    hash.update(readFileSync(join(sources, file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'kopilka', `ferretdb-${hash.digest('hex').slice(0, 16)}`);
};

/** Why it cannot be started here; null: it can. */
export const missing = (): string | null =>
  existsSync(binary()) ? null : 'no FerretDB here: with Go, test/conformance/ferretdb/build.sh';

export interface Ferret {
  readonly address: string;
  stop(): Promise<void>;
}

const startDeadlineMs = 15_000;

const addressOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(
      () => reject(new Error(`FerretDB said no address: ${said}`)),
      startDeadlineMs,
    );
    child.stdout?.on('data', (chunk: Buffer) => {
      if (said.length > 10_000) return;
      said += chunk.toString();
      const [address] = /mongodb:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
      if (!address) return;
      clearTimeout(timer);
      resolve(`${address}?directConnection=true`);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`FerretDB ended with ${code}: ${said}`));
    });
  });

export const startFerret = async (): Promise<Ferret> => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-ferretdb-'));
  const child = spawn(binary(), ['127.0.0.1:0', folder], {
    // It logs every answer with an error in it, to standard error.
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    return { address: await addressOf(child), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};
