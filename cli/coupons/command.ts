/** `kopilka coupons`: codes of a series into a file. */
import { type Command, InvalidArgumentError } from 'commander';
import { exitCodes, Failure } from '../failure.js';
import { type ConnectionOptions, openSession, withConnection } from '../http/session.js';
import { onInterrupt } from '../interrupt.js';
import { count } from '../output/numbers.js';
import { showProgress } from '../output/progress.js';
import { exportCodes } from './exportCodes.js';

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

export const addCouponsCommand = (program: Command): void => {
  const coupons = program.command('coupons').description('series of coupons and their codes');
  withConnection(coupons.command('export').argument('<series>', 'name of the series'))
    .description('write the codes of a series into a CSV file: number, code')
    .requiredOption('--out <file>', 'file to write; readable by you alone')
    .option('--from <number>', 'number of the first code', whole(0), 0)
    .option('--count <n>', 'how many codes; all that are issued by default', whole(1))
    .option('--issue', 'issue first what is not issued yet', false)
    .option('--json', 'print the answer as JSON', false)
    .addHelpText(
      'after',
      `
Ctrl-C stops it; the same command goes on where it stopped (FILE.part).

Examples:
  kopilka coupons export welcome --out welcome.csv
  kopilka coupons export welcome --count 1000000 --issue --out welcome.csv`,
    )
    .action(exportSeries);
};

const exportSeries = async (seriesId: string, options: Options): Promise<void> => {
  const session = await openSession(options);
  const interrupt = onInterrupt();
  const progress = showProgress({ label: `codes of ${seriesId}`, unit: 'codes' });
  const started = performance.now();
  try {
    const written = await exportCodes(session, {
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
        : `${count(written)} codes of ${seriesId} are in ${options.out}, after ${seconds} s.\n`,
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
