/** `kopilka import receipts`: its options and its help. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { withConnection } from '../http/session.js';
import { formats } from './formats/formats.js';
import { type ImportOptions, importReceipts } from './importReceipts.js';

const positive = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 256) {
    throw new InvalidArgumentError('Must be a whole number from 1 to 256');
  }
  return value;
};

export const addImportCommand = (program: Command): void => {
  const receipts = program
    .command('import')
    .description('bring data in from files')
    .command('receipts')
    .argument('<file>', 'the file, plain or gzipped')
    .description('import real receipts through the POS API of a running Kopilka')
    .addOption(
      new Option('--format <format>', 'what the file is')
        .choices(formats.map(({ name }) => name))
        .makeOptionMandatory(),
    );
  withConnection(receipts)
    .option('--create-tenant', 'open the programme that --tenant names', false)
    .option('--till-token <token>', 'token of the till to import through, where it is not kept')
    .option('--concurrency <n>', 'requests on their way at once', positive, 32)
    .option('--report <file>', 'where to list the lines that were not imported')
    .option('--restart', 'send everything again; nothing is counted twice', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', help)
    .action((file: string, options: ImportOptions) => importReceipts(resolve(file), options));
};

const help = `
Each customer is enrolled with a card, each product listed, each receipt
confirmed with its own date as an offline receipt. A cancellation becomes
returns of the purchases it takes back. Lines that are not goods, or match
nothing, go into the report. The programme is one of the format's own
(onlineretail in GBP, cdnow in USD) unless --tenant names another.

Ctrl-C stops cleanly; the same command goes on from there. Importing a file
twice counts nothing twice.

Examples:
  kopilka import receipts online-retail.csv.gz --format online-retail
  kopilka import receipts cdnow-purchases.txt.gz --format cdnow --data ./data --json
  kopilka import receipts shop.csv --format online-retail --tenant shop --create-tenant

Exit codes: 0 imported and reconciled, 1 does not reconcile, 2 wrong command
line, 3 no server, 4 refused, 130 stopped.`;
