/** `kopilka segments`: lists from files, and refreshes. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { type ConnectionOptions, withConnection } from '../http/session.js';
import { importMembers, type ImportMembersOptions } from './importMembers.js';
import { refreshSegment } from './refreshSegment.js';

export const addSegmentsCommand = (program: Command): void => {
  const segments = program
    .command('segments')
    .description('fill lists of customers, refresh segments');
  withConnection(
    segments
      .command('import')
      .argument('<segment>', 'a segment of kind static')
      .argument('<file>', "customers' numbers, CSV or NDJSON, plain or gzipped")
      .description('put the customers of a file on a list'),
  )
    .option('--rejects <file>', 'where to list the lines that were left out')
    .option('--restart', 'send everything again; nothing is counted twice', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', importHelp)
    .action((segment: string, file: string, options: ImportMembersOptions) =>
      importMembers(segment, resolve(file), options),
    );
  withConnection(
    segments
      .command('refresh')
      .argument('<segment>', 'the segment')
      .description('bring a segment up to date now, and wait for it'),
  )
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Examples:
  kopilka segments refresh rfm

Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no server, 4 refused, 130
cancelled.`,
    )
    .action((segment: string, options: ConnectionOptions & { readonly json: boolean }) =>
      refreshSegment(segment, options),
    );
};

const importHelp = `
CSV has the number in the first column, a header may be there; a file that ends
in .ndjson or .jsonl has a string or an object with userId a line. Who has no
open account is left out and listed with line and reason.

Ctrl-C stops cleanly; the same command goes on from there. Importing a file
twice puts nobody on the list twice.

Examples:
  kopilka segments import pilot customers.csv
  kopilka segments import pilot customers.ndjson.gz --rejects left-out.ndjson --json

Exit codes: 0 all lines, 1 some were left out, 2 wrong command line, 3 no
server, 4 refused, 130 stopped.`;
