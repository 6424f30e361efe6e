/** `kopilka store`: the log's own tools, their options and their help. Each lies in a file of its own name. */
import { type Command, InvalidArgumentError } from 'commander';
import { showStore } from './info.js';
import { checkFile } from './check.js';
import { exportStore } from './export.js';
import { importStore } from './import.js';
import { scavengeStore } from './scavenge.js';
import { printUser } from './user.js';

const withStore = (command: Command): Command =>
  command
    .option(
      '--data <dir>',
      'data directory of the embedded log',
      process.env['KOPILKA_DATA'] || './data',
    )
    .option('--postgres <url>', 'database that holds the log, instead of that of --data')
    .option('--json', 'print one JSON object', false);

const position = (text: string): number => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Must be a position, a whole number from 1 on');
  }
  return value;
};

export const addStoreCommands = (program: Command): void => {
  const store = program
    .command('store')
    .description('look after the log: info, backup, restore, scavenge');
  withStore(store.command('info'))
    .description('count events and streams, and the room they take')
    .addHelpText(
      'after',
      '\nExamples:\n  kopilka store info\n  kopilka store info --data /var/lib/shop --json',
    )
    .action(showStore);
  withStore(store.command('export').argument('<file>', 'file to write'))
    .description('write the whole log into a file; the log may be open')
    .option('--gzip', 'compress; so is a file whose name ends in .gz', false)
    .option('--after <position>', 'only what comes after: an addition to an earlier file', position)
    .option('--resume', 'go on with an export that was broken off', false)
    .option('--overwrite', 'replace the file if it is there', false)
    .option('--keys <file>', 'also write the keys of personal data, into a file of their own')
    .option('--from <esdb-url>', 'read an EventStoreDB instead (default: KOPILKA_EVENTSTORE_URL)')
    .addHelpText('after', exportHelp)
    .action(exportStore);
  withStore(store.command('import').argument('<file>', 'an exported file, or an addition to it'))
    .description('restore a log exactly, into an empty store')
    .option('--keys <file>', 'also bring back the keys of personal data')
    .addHelpText('after', importHelp)
    .action(importStore);
  store
    .command('check')
    .argument('<file>', 'an exported file')
    .description('verify that an exported file is whole and unaltered')
    .option('--json', 'print one JSON object', false)
    .addHelpText('after', '\nExamples:\n  kopilka store check kopilka.ndjson.gz')
    .action(checkFile);
  withStore(store.command('scavenge'))
    .description('remove for good what $maxAge, $maxCount, $tb and deletes have hidden')
    .option('--dry-run', 'only count what would be removed', false)
    .option('--compact', 'give the room back to the disk; the log must not be open', false)
    .addHelpText('after', scavengeHelp)
    .action(scavengeStore);
  store
    .command('user')
    .argument('<name>', 'login of the user')
    .description('print the line of a user for KOPILKA_EVENTSTORE_USERS_FILE')
    .option('--groups <list>', 'its groups, separated by commas; $admins may do everything', '')
    .addHelpText('after', userHelp)
    .action(printUser);
};

const userHelp = `
The password is read from KOPILKA_PASSWORD, and only its hash is in the line.

Examples:
  KOPILKA_PASSWORD=… kopilka store user ann >> eventstore.users
  KOPILKA_PASSWORD=… kopilka store user root --groups '$admins' >> eventstore.users`;

const exportHelp = `
One line of JSON for each event, a checksum after every thousand, one over
everything at the end. The same log gives the same file. FILE appears when it is
whole; until then there is FILE.part, which --resume goes on with after Ctrl-C
or a crash. The keys of personal data are not in the log: without them a
restored log is true and its people have no names. Keep both files, and keep
them apart.

Examples:
  kopilka store export kopilka.ndjson.gz --keys kopilka.keys
  kopilka store export monday.ndjson.gz --after 120000
  kopilka store export kopilka.ndjson.gz --resume
  KOPILKA_EVENTSTORE_URL=esdb://log:2113 kopilka store export kopilka.ndjson.gz`;

const importHelp = `
The file is verified as a whole before anything is written. Positions, ids and
times are those of the file, so positions that tills and partners remember stay
right. Stop Kopilka first. After Ctrl-C or a crash the same command goes on;
importing a file twice changes nothing; a store that holds anything else is
refused.

Examples:
  kopilka store import kopilka.ndjson.gz --keys kopilka.keys --data ./restored
  kopilka store import monday.ndjson.gz --data ./restored`;

const scavengeHelp = `
Works beside a running Kopilka, a thousand events at a time, and leaves it every
other moment. Ctrl-C stops it; what was removed stays removed, and the next run
goes on. Positions and revisions of what stays never change. An EventStoreDB has
its own scavenge.

Examples:
  kopilka store scavenge --dry-run
  kopilka store scavenge
  kopilka store scavenge --compact`;
