/** `kopilka draw`: checks the proof of a prize draw, without asking any server. */
import { readFileSync, statSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes, Failure } from '../failure.js';
import { colours } from '../output/colours.js';
import { type Check, type ProofFile, verifyProof } from './verifyProof.js';

const bytesMax = 64 * 1024 * 1024;

export const addDrawCommand = (program: Command): void => {
  const draw = program.command('draw').description('check prize draws');
  draw
    .command('verify')
    .argument('<file>', 'the proof as it was published: GET /admin/v1/draws/{drawId}/proof')
    .description('check that the winners of a draw follow from its seed and its entries')
    .option('--participant <pseudonym>', 'look for the entries of one participant, too')
    .option('--json', 'print one JSON object', false)
    .addHelpText(
      'after',
      `
Reads the file and nothing else. Exit code 1 where anything does not hold. The
hash of the seed and of the entries must be those that were published before:
compare them.

Examples:
  kopilka draw verify proof.json
  kopilka draw verify proof.json --participant 5d41402abc4b2a76b9719d911017c592`,
    )
    .action(verify);
};

const verify = (
  file: string,
  options: { readonly participant?: string; readonly json: boolean },
): void => {
  const proof = read(file);
  let checks: Check[];
  try {
    checks = verifyProof(proof);
  } catch (error) {
    throw unreadable(file, error);
  }
  if (options.json) process.stdout.write(`${JSON.stringify({ file, checks })}\n`);
  else process.stdout.write(`${textOf(proof, checks, options.participant)}\n`);
  if (checks.some(({ holds }) => !holds)) process.exitCode = exitCodes.failed;
};

const unreadable = (file: string, error: unknown): Failure =>
  new Failure(`${file} is not the proof of a draw: ${(error as Error).message}`, {
    exitCode: exitCodes.failed,
    advice: 'Get it from GET /admin/v1/draws/{drawId}/proof once the draw is decided.',
  });

const members = [
  'format',
  'prizes',
  'entries',
  'entriesHash',
  'seed',
  'seedHash',
  'winners',
] as const;

const read = (file: string): ProofFile => {
  try {
    const { size } = statSync(file);
    if (size > bytesMax) throw new Error(`${size} bytes are more than any proof has`);
    const proof = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProofFile> | null;
    const missing = members.filter((member) => proof?.[member] === undefined);
    if (missing.length > 0) throw new Error(`it has no ${missing.join(', ')}`);
    return proof as ProofFile;
  } catch (error) {
    throw unreadable(file, error);
  }
};

const textOf = (proof: ProofFile, checks: readonly Check[], participant?: string): string => {
  const { green, red, bold } = colours(process.stdout);
  const entries = proof.entries.reduce((sum, [, count]) => sum + count, 0);
  const lines = [
    `${bold(proof.name)} (${proof.tenant}, ${proof.drawId}): ${proof.entries.length} lines, ${entries} entries, ${proof.winners.length} winners`,
    `seed hash     ${proof.seedHash}`,
    `entries hash  ${proof.entriesHash}`,
    ...(proof.beacon ? [`beacon        ${proof.beacon.value} (${proof.beacon.source})`] : []),
    ...checks.map(({ what, holds, found }) =>
      holds ? `${green('holds')}  ${what}` : `${red('FAILS')}  ${what}: ${found}`,
    ),
  ];
  if (participant !== undefined) {
    const own = proof.entries.filter(([name]) => name === participant);
    const count = own.reduce((sum, [, number]) => sum + number, 0);
    const won = proof.winners.filter((winner) => winner.participant === participant);
    const prize = won.map((winner) => winner.prize).join(', ') || 'nothing';
    lines.push(`${participant} has ${count} entries and won ${prize}`);
  }
  return lines.join('\n');
};
