/**
 * The programs of the guides for partners, taken out of the pages as they stand there, and run as a reader would run them: TypeScript
 * through the compiler, Python and shell as they are.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../platform/packageRoot.js';

export type Language = 'ts' | 'py' | 'sh';

const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;

/** Why the programs of a language cannot be run here; null: they can. */
export const missing: Readonly<Record<Language, string | null>> = {
  ts: null,
  py: has('python3') ? null : 'no python3 here',
  sh: has('curl') ? null : 'no curl here',
};

const block = /^`([\w-]+\.(?:ts|py|sh))`:\n\n```\w+\n([\s\S]*?)^```$/gm;

/** Writes the programs of the guides into a folder, those in TypeScript compiled. @returns their names. */
export const writePrograms = (folder: string, guides: readonly string[]): readonly string[] => {
  const names: string[] = [];
  for (const guide of guides) {
    const page = readFileSync(join(packageRoot, 'docs/guides', guide), 'utf8');
    for (const [, name = '', code = ''] of page.matchAll(block)) {
      writeFileSync(join(folder, name), code);
      names.push(name);
    }
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'));
  compile(
    folder,
    names.filter((name) => name.endsWith('.ts')),
  );
  return names;
};

const compile = (folder: string, names: readonly string[]): void => {
  const compiler = join(packageRoot, 'node_modules/typescript-native/bin/tsc');
  const options =
    '--strict --module nodenext --moduleResolution nodenext --target es2023 --types node --skipLibCheck';
  const { status, stdout } = spawnSync(
    process.execPath,
    [compiler, ...options.split(' '), '--moduleDetection', 'force', ...names],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the programs of the guides do not compile:\n${stdout}`);
};

export interface Program {
  /** What it printed so far, errors among it. */
  readonly text: () => string;
  /** Resolves once everything is printed. @throws with what was printed, after `deadlineMs`. */
  until(isSo: (text: string) => boolean, deadlineMs?: number): Promise<string>;
  /** Its exit code; null where it was ended from outside. */
  readonly ended: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
}

export interface ProgramOptions {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly args?: readonly string[];
}

const commandOf = (file: string): [string, ...string[]] => {
  if (file.endsWith('.ts')) return [process.execPath, file.replace(/\.ts$/, '.js')];
  if (file.endsWith('.py')) return ['python3', file];
  return file.endsWith('.sh') ? ['sh', '-eu', file] : [process.execPath, file];
};

export const startProgram = (file: string, options: ProgramOptions): Program => {
  const [command, ...first] = commandOf(file);
  const child = spawn(command, [...first, ...(options.args ?? [])], {
    cwd: options.folder,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: 'pipe',
  });
  let text = '';
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach((look) => look());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      wake();
    });
  }
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      resolve(code);
      setImmediate(wake);
    });
  });
  return {
    text: () => text,
    ended,
    signal: (name) => void child.kill(name),
    until: (isSo, deadlineMs = 40_000) =>
      new Promise((resolve, reject) => {
        const settle = (done: () => void): void => {
          clearTimeout(timer);
          waiting.delete(look);
          done();
        };
        const look = (): void => {
          if (isSo(text)) settle(() => resolve(text));
        };
        const timer = setTimeout(() => {
          settle(() => reject(new Error(`${file} did not say it in time:\n${text}`)));
        }, deadlineMs);
        waiting.add(look);
        look();
      }),
  };
};

/** To its end. @throws with what was printed where it fails or takes too long. */
export const runProgram = async (file: string, options: ProgramOptions): Promise<string> => {
  const program = startProgram(file, options);
  const timer = setTimeout(() => program.signal('SIGKILL'), 60_000);
  const code = await program.ended;
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${file} ended with ${code}:\n${program.text()}`);
  return program.text();
};
