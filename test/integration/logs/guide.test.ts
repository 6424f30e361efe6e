/** The two programs of the guide to observability, as they stand, with a logger and a tracing of the product. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openLogging } from '../../../platform/logging/open.js';
import { packageRoot } from '../../../platform/packageRoot.js';
import { openTracing } from '../../../platform/tracing/open.js';
import { tracingSettings } from '../../../platform/tracing/settings.js';

const guide = readFileSync(join(packageRoot, 'docs/guides/observability.md'), 'utf8');
const deadlineMs = 10_000;

describe('the guide to observability', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-observability-'));
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  /** @returns what it says, line by line. */
  const start = (name: string): ((line: RegExp) => Promise<RegExpExecArray>) => {
    const program = new RegExp(`\`\`\`js\\n// ${name}\\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1] ?? '';
    const file = join(folder, name);
    writeFileSync(file, program);
    const child = spawn(process.execPath, [file], { env: { ...process.env, PORT: '0' } });
    children.push(child);
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += String(text)));
    child.stderr.on('data', (text: Buffer) => (said += String(text)));
    return async (line) => {
      const giveUpAt = performance.now() + deadlineMs;
      for (;;) {
        const found = line.exec(said);
        if (found) return found;
        if (performance.now() > giveUpAt)
          throw new Error(`not in ${deadlineMs} ms: ${line} ${said}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
  };

  it('has a program that shows log lines', async () => {
    const says = start('receiver.mjs');
    const [, port] = await says(/listening on (\d+)/);
    const { logger, close } = await openLogging(
      {
        ...{ logLevel: 'info', logFormat: 'json', logFile: '', roles: ['all'] },
        ...{ gelfUrl: `tcp://127.0.0.1:${port}`, gelfBufferLines: 100 },
      },
      { write: () => undefined },
    );
    logger.child({ component: 'http' }).info({ correlationId: 'c-1' }, 'request');
    await close(2_000);
    expect(await says(/^6 http c-1 request$/m)).to.have.length(1);
  });

  it('has a program that shows spans', async () => {
    const says = start('collector.mjs');
    const [, port] = await says(/listening on (\d+)/);
    const otlpUrl = `http://127.0.0.1:${port}`;
    const settings = tracingSettings({ otlpUrl, otlpShare: 1, roles: ['all'] }, '1.0');
    const opened = await openTracing(settings, 'main', {
      away: (error) => expect.fail(error.message),
    });
    opened?.tracing.within('ConfirmPurchase', {}, () => undefined);
    await opened?.close();
    expect(await says(/^[0-9a-f]{32} [\d.]+ ms ConfirmPurchase$/m)).to.have.length(1);
  });
});
