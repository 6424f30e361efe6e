import { createMemoryLog } from '../../platform/memory/log.js';
import { logContract } from '../contracts/logContract.js';

describe('the log in memory', () => {
  logContract(async () => {
    const log = createMemoryLog();
    return { log, feed: log };
  });
});
