/** The help of every command, as somebody reads it who types it for the first time on a terminal of 80 columns. */
import { expect } from 'chai';
import type { Command } from 'commander';
import { createProgram } from '../../../cli/program.js';

const columns = 80;

const pathOf = (command: Command): string =>
  command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();

const withAll = (command: Command): Command[] => [command, ...command.commands.flatMap(withAll)];

const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more), getOutHelpWidth: () => columns });
  command.outputHelp();
  return text;
};

/** Lines that are typed or pasted as they are stay whole: they are indented, and their own are the options. */
const isExample = (line: string): boolean =>
  /^ {2,4}(\S+=\S+ )?(npm|npx|kopilka|docker) /.test(line);

describe('the help of the command line', () => {
  const commands = withAll(createProgram('1.2.3'));
  const doing = commands.filter((command) => command.commands.length === 0);

  it('fits into 80 columns, but for examples', () => {
    const wide = commands.flatMap((command) =>
      helpOf(command)
        .split('\n')
        .filter((line) => line.length > columns && !isExample(line))
        .map((line) => `${pathOf(command)}: ${line}`),
    );
    expect(wide).to.deep.equal([]);
  });

  it('shows for every command that does something how it is typed', () => {
    const without = doing.filter((command) => !helpOf(command).includes('Examples:\n'));
    expect(without.map(pathOf)).to.deep.equal([]);
    for (const command of doing) {
      const examples = helpOf(command).split('Examples:\n')[1] ?? '';
      expect(examples, pathOf(command)).to.match(
        new RegExp(`${pathOf(command).replace('kopilka start', '(npm|kopilka) start')}\\b`),
      );
    }
  });

  it('says of every argument and option what it is', () => {
    for (const command of commands) {
      expect(command.description(), pathOf(command)).to.not.equal('');
      for (const { description } of [...command.registeredArguments, ...command.options]) {
        expect(description, pathOf(command)).to.not.equal('');
      }
    }
  });

  it('has what a command alone takes before what all of them share, and marks what has to be given', () => {
    const settlement = commands.find((command) => command.name() === 'settlement');
    const help = settlement ? helpOf(settlement) : '';
    expect(help.indexOf('--month')).to.be.within(0, help.indexOf('Connection:'));
    expect(help).to.match(/--month <month> +such as 2011-11 \(required\)/);
    expect(help).to.not.include('default: false');
  });
});
