/** `kopilka keys`: the keys that tokens are signed with, changed in turn or given up. */
import type { Command } from 'commander';
import {
  type ConnectionOptions,
  openSession,
  type Session,
  withConnection,
} from './http/session.js';
import { table } from './output/table.js';

interface Options extends ConnectionOptions {
  readonly json: boolean;
}

interface Keys {
  readonly items: readonly {
    readonly kid: string;
    readonly use: 'signs' | 'next' | 'verifies';
    readonly createdAt: string;
    readonly retiredAt: string | null;
  }[];
}

const path = '/admin/v1/signing-keys';

const revokeExample = `kopilka keys revoke --key NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs \\
    --reason 'a backup was lost'`;

export const addKeysCommand = (program: Command): void => {
  const keys = program
    .command('keys')
    .description('see, change and give up the keys that tokens are signed with')
    .addHelpText(
      'after',
      `
They change by themselves every 30 days, and nobody is logged off by that. Give
a key up when it may have been seen.

Examples:
  kopilka keys list
  kopilka keys rotate
  ${revokeExample}`,
    );
  const json = (command: Command) => command.option('--json', 'print one JSON object', false);
  json(withConnection(keys.command('list')))
    .description('show the keys that sign, will sign, or only verify')
    .addHelpText('after', '\nExamples:\n  kopilka keys list\n  kopilka keys list --json')
    .action(list);
  json(withConnection(keys.command('rotate')))
    .description('begin a change of keys: the next one signs within a minute')
    .addHelpText('after', '\nExamples:\n  kopilka keys rotate')
    .action(rotate);
  // An option and no argument: a key's name may begin with a dash.
  json(withConnection(keys.command('revoke')))
    .description('give a key up at once: whoever holds a token of it logs on again')
    .requiredOption('--key <kid>', 'the key, as kopilka keys list shows it')
    .requiredOption('--reason <text>', 'why, for those who read the history')
    .addHelpText('after', `\nExamples:\n  ${revokeExample}`)
    .action(revoke);
};

const show = (keys: Keys, { json }: Options): void => {
  if (json) return void process.stdout.write(`${JSON.stringify(keys)}\n`);
  const columns = [{ title: 'key' }, { title: 'use' }, { title: 'made' }, { title: 'retires' }];
  const rows = keys.items.map(({ kid, use, createdAt, retiredAt }) => [
    ...[kid, use, createdAt],
    retiredAt ?? '',
  ]);
  process.stdout.write(`${table(columns, rows)}\n`);
};

const within = async (options: Options, work: (session: Session) => Promise<Keys>) => {
  const session = await openSession(options);
  try {
    show(await work(session), options);
  } finally {
    session.close();
  }
};

const list = (options: Options): Promise<void> =>
  within(options, (session) => session.get<Keys>(path));

const rotate = (options: Options): Promise<void> =>
  within(options, async (session) => {
    const { body } = await session.send<Keys>({ method: 'POST', path: `${path}/rotation` });
    return body;
  });

const revoke = (options: Options & { readonly key: string; readonly reason: string }) =>
  within(options, async (session) => {
    const { key, reason } = options;
    const at = `${path}/${encodeURIComponent(key)}/revocation`;
    await session.send({ method: 'POST', path: at, body: { reason } });
    return session.get<Keys>(path);
  });
