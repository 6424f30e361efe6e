/** `kopilka coupons` and `kopilka gift-cards`: codes and numbers of a series into a file. */
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes, Failure } from '../failure.js';
import { type ConnectionOptions, openSession, withConnection } from '../http/session.js';
import { onInterrupt } from '../interrupt.js';
import { count } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { couponCodes, exportCodes, giftCardNumbers, type Numbered } from './exportCodes.js';

interface Options extends ConnectionOptions {
  readonly out: string;
  readonly from: number;
  readonly count?: number;
  readonly issue: boolean;
  readonly json: boolean;
}

const whole = (least: number) => (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new InvalidArgumentError(`Give a whole number, ${least} or more.`);
};

interface Words {
  readonly command: string;
  readonly description: string;
  readonly example: string;
  readonly of: Numbered;
}

const addExport = (program: Command, { command, description, example, of }: Words): void => {
  const parent = program.command(command).description(description);
  const { name, head } = of;
  withConnection(parent.command('export').argument('<series>', 'name of the series'))
    .description(`write the ${name} of a series into a CSV file: ${head.trim().replace(',', ', ')}`)
    .requiredOption('--out <file>', 'file to write; readable by you alone')
    .option('--from <number>', `number of the first of the ${name}`, whole(0), 0)
    .option('--count <n>', `how many ${name}; all that are issued by default`, whole(1))
    .option('--issue', 'issue first what is not issued yet', false)
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Ctrl-C stops it; the same command goes on where it stopped (FILE.part).

Examples:
  kopilka ${command} export ${example} --out ${example}.csv
  kopilka ${command} export ${example} --count 1000000 --issue --out ${example}.csv`,
    )
    .action((seriesId: string, options: Options) => exportSeries(of, seriesId, options));
};

export const addCouponsCommand = (program: Command): void =>
  addExport(program, {
    command: 'coupons',
    description: 'series of coupons and their codes',
    example: 'welcome',
    of: couponCodes,
  });

export const addGiftCardsCommand = (program: Command): void =>
  addExport(program, {
    command: 'gift-cards',
    description: 'series of gift cards and their numbers',
    example: 'books',
    of: giftCardNumbers,
  });

const exportSeries = async (of: Numbered, seriesId: string, options: Options): Promise<void> => {
  const session = await openSession(options);
  const interrupt = onInterrupt();
  const progress = showProgress({ label: `${of.name} of ${seriesId}`, unit: of.name });
  const started = performance.now();
  try {
    const written = await exportCodes(session, {
      of,
      seriesId,
      file: options.out,
      from: options.from,
      ...(options.count === undefined ? {} : { count: options.count }),
      issue: options.issue,
      signal: interrupt.signal,
      onProgress: (done, all) => progress.update(all === 0 ? 1 : done / all, done),
    });
    const seconds = Math.round(performance.now() - started) / 1000;
    progress.stop();
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ seriesId, from: options.from, codes: written, file: options.out, seconds })}\n`
        : `${count(written)} ${of.name} of ${seriesId} are in ${options.out}, after ${seconds} s.\n`,
    );
  } catch (error) {
    progress.stop();
    if (!interrupt.signal.aborted) throw error;
    throw new Failure('Stopped.', {
      exitCode: exitCodes.interrupted,
      advice: `The same command goes on where it stopped: ${options.out}.part is kept.`,
    });
  } finally {
    interrupt.release();
    session.close();
  }
};
