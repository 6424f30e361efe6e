/**
 * Help that is asked of a command which there is not. The library shows the help of the whole program then, and ends as if all were well: a
 * script that asks whether a command exists would be told yes, and a person not which word was wrong. It ends as the command itself does.
 */
import type { AddHelpTextContext } from 'commander';
import { nearestNames } from '../api/audit/nearest.js';

/** Comes before any help. @throws CommanderError */
export const refuseUnknownCommand = ({ command }: Pick<AddHelpTextContext, 'command'>): string => {
  const [first, second] = command.args;
  const typed = first === 'help' ? second : first;
  if (command.commands.length === 0 || typed === undefined || typed.startsWith('-')) return '';
  const names = command
    .createHelp()
    .visibleCommands(command)
    .map((one) => one.name());
  if (names.includes(typed)) return '';
  const [nearest] = nearestNames(typed, names, 1);
  const meant = nearest === undefined ? '' : `\n(Did you mean ${nearest}?)`;
  return command.error(`error: unknown command '${typed}'${meant}`, {
    code: 'commander.unknownCommand',
  });
};
