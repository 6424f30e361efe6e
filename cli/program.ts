/** The table of commands: what `kopilka` can do. Each command lies in a file of its own name. */
import { Command } from 'commander';
import { addBounceCommand } from './bounce.js';
import { addCouponsCommand, addGiftCardsCommand } from './coupons/command.js';
import { addDrawCommand } from './draw/command.js';
import { addEventsCommand } from './events.js';
import { exitCodes, exitCodesHelp } from './failure.js';
import { addInitCommand } from './init.js';
import { addImportCommand } from './import/command.js';
import { addKeysCommand } from './keys.js';
import { addListenCommand } from './listen/command.js';
import { addMessageCommand } from './message.js';
import { helpStyle } from './output/helpStyle.js';
import { addProjectionsCommand } from './projections.js';
import { addQueryCommand } from './query.js';
import { addReplayCommands } from './replay.js';
import { addSegmentsCommand } from './segments/command.js';
import { addSettlementCommand } from './settlement.js';
import { addSimulateCommand } from './simulate.js';
import { addStartCommand } from './start.js';
import { addStoreCommands } from './store/command.js';
import { addStreamsCommand } from './streams.js';
import { refuseUnknownCommand } from './unknownCommand.js';
import { addVerifyCommand } from './verify.js';
import { addWhyCommand } from './why.js';

export const createProgram = (version: string): Command => {
  const program = new Command('kopilka')
    .description('Loyalty, data exchange and messages on one log of facts.')
    .version(version)
    .showHelpAfterError('(add --help for what it takes)')
    .showSuggestionAfterError()
    .configureHelp(helpStyle)
    .addHelpText('beforeAll', refuseUnknownCommand)
    .addHelpText(
      'after',
      `
Examples:
  npm start                                    start everything on this machine
  kopilka import receipts FILE --format cdnow  bring real receipts in
  kopilka projections --watch                  see the read models keep up
  kopilka replay balances --until 2026-03-01   see balances as they were
  kopilka settlement --month 2026-03           see what merchants owe each other
  kopilka simulate campaign draft.json         see what a campaign would cost
  kopilka events --since 1h                    see what happened
  kopilka why 536365 --user 8018…              see how a purchase came out
  kopilka message 0b5f1f2f…                    see what became of a message
  kopilka listen --topic cars_chosen           see what partners publish
  kopilka store export backup.ndjson.gz        back the log up
${exitCodesHelp}`,
    );
  program.exitOverride((error) => {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    throw error;
  });
  addStartCommand(program);
  addInitCommand(program);
  addImportCommand(program);
  addProjectionsCommand(program);
  addReplayCommands(program);
  addQueryCommand(program);
  addSettlementCommand(program);
  addSimulateCommand(program);
  addStreamsCommand(program);
  addEventsCommand(program);
  addWhyCommand(program);
  addMessageCommand(program);
  addBounceCommand(program);
  addCouponsCommand(program);
  addGiftCardsCommand(program);
  addListenCommand(program);
  addVerifyCommand(program);
  addKeysCommand(program);
  addDrawCommand(program);
  addSegmentsCommand(program);
  addStoreCommands(program);
  return program;
};
