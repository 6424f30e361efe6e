#!/usr/bin/env -S node --max-semi-space-size=64 --initial-old-space-size=64 --single-threaded-gc --no-flush-bytecode --enable-source-maps
/** The `kopilka` program: runs a command, and turns what went wrong into words and an exit code. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { packageRoot } from '../platform/packageRoot.js';
import { Failure } from './failure.js';
import { createProgram } from './program.js';
import { letThreadsChooseTheirs } from './youngGenerations.js';

letThreadsChooseTheirs();

// A reader that goes away (| head) is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  version: string;
};

try {
  await createProgram(version).parseAsync();
} catch (error) {
  if (error instanceof Failure) {
    process.stderr.write(`${error.message}\n${error.advice ? `${error.advice}\n` : ''}`);
    process.exitCode = error.exitCode;
  } else if (!(error instanceof CommanderError)) {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exitCode = 1;
  }
}
