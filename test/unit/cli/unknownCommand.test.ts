/** Words that are no command, with and without asking for their help. */
import { expect } from 'chai';
import { CommanderError, type Command } from 'commander';
import { createProgram } from '../../../cli/program.js';

const withAll = (command: Command): Command[] => [command, ...command.commands.flatMap(withAll)];

describe('a command that there is not', () => {
  const before = process.exitCode;
  afterEach(() => {
    process.exitCode = before;
  });

  /** What is written, and the exit code that the process would end with. */
  const typed = (...args: string[]) => {
    const written = { out: '', err: '' };
    const program = createProgram('1.2.3');
    for (const command of withAll(program)) {
      command.configureOutput({
        writeOut: (text) => (written.out += text),
        writeErr: (text) => (written.err += text),
      });
    }
    try {
      program.parse(args, { from: 'user' });
    } catch (error) {
      expect(error).to.be.instanceOf(CommanderError);
    }
    return { ...written, exitCode: process.exitCode };
  };

  it('has no help: the same is said as without asking for it', () => {
    const alone = typed('sart');
    expect(alone).to.deep.include({ out: '', exitCode: 2 });
    expect(alone.err).to.include("unknown command 'sart'").and.include('Did you mean start?');
    for (const args of [
      ['sart', '--help'],
      ['sart', '-h', '--data', 'x'],
      ['help', 'sart'],
    ]) {
      expect(typed(...args), args.join(' ')).to.deep.equal(alone);
    }
  });

  it('is told under a group too, whether or not the group has a usual one', () => {
    const coupons = typed('coupons', 'exprt', '--help');
    expect(coupons).to.deep.include({ out: '', exitCode: 2 });
    expect(coupons.err).to.include("unknown command 'exprt'").and.include('Did you mean export?');
    expect(typed('replays', 'lst', '--help')).to.deep.include({ out: '', exitCode: 2 });
    expect(typed('store', 'qqqqqqqqqqqq', '--help').err).to.not.include('Did you mean');
  });

  it('is not what those are that there are', () => {
    for (const args of [
      ['--help'],
      ['help'],
      ['start', '--help'],
      ['help', 'coupons'],
      ['replays', '--help'],
    ]) {
      const { out, err, exitCode } = typed(...args);
      expect({ err, exitCode }, args.join(' ')).to.deep.equal({ err: '', exitCode: 0 });
      expect(out).to.include('Usage: kopilka');
    }
  });
});
