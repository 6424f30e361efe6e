/**
 * A provider that carries nothing: for trying out strategies before there is a contract with anybody, for tests and for benches. It costs
 * next to nothing a message, takes as long and fails as its settings say, and reports receipts by itself.
 */
import { channels } from '../../../../domain/message/kinds.js';
import { defineKind } from '../defineKind.js';
import type { Outgoing, Provider, ProviderOptions, SendResult } from '../port.js';
import { sandboxCallback } from './callback.js';
import { controlOf } from './control.js';
import { createMemory, createRate, faultFor, isOfCall, refusalOf } from './outcomes.js';
import { SandboxSecrets, SandboxSettings } from './settings.js';

const batchDefault = 100;

export const sandbox = defineKind({
  kind: 'sandbox',
  title: 'Sandbox',
  summary: 'Carries nothing: takes as long, refuses and reports as its settings say.',
  channels,
  settings: SandboxSettings,
  secrets: SandboxSecrets,
  batchMax: ({ batchMax = batchDefault }) => batchMax,
  receipts: 'both',
  reconciles: true,
  // Whoever has its token, or a test that has it in hand, reports what it likes.
  expectsReceipts: ({ receipts, control }, hasSecrets) =>
    receipts !== undefined || control !== undefined || hasSecrets,
  open: (options) => openSandbox(options),
  callback: sandboxCallback,
});

const silence: SendResult = {
  outcome: 'refused',
  errorClass: 'unknownOutcome',
  code: 'silent',
  text: 'Nothing came back within the deadline.',
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Ends early, with false, where the deadline comes first. */
const waited = (milliseconds: number, deadline: AbortSignal): Promise<boolean> =>
  new Promise((resolve) => {
    if (deadline.aborted) return resolve(false);
    const end = (whole: boolean) => () => {
      clearTimeout(timer);
      deadline.removeEventListener('abort', cut);
      resolve(whole);
    };
    const cut = end(false);
    const timer = setTimeout(end(true), milliseconds);
    deadline.addEventListener('abort', cut, { once: true });
  });

const openSandbox = (options: ProviderOptions<SandboxSettings, SandboxSecrets>): Provider => {
  const { now, onReceipts } = options;
  const settings = (): SandboxSettings =>
    controlOf(options.settings.control)?.behaviour ?? options.settings;
  const rate = createRate(() => settings().perSecond);
  const memory = createMemory();
  const timers = new Set<NodeJS.Timeout>();
  let count = 0;

  const taken = (message: Outgoing): SendResult => {
    if (settings().reconcile === 'remembers') memory.add(message.clientReference);
    return { outcome: 'submitted', providerReference: `sandbox.${message.clientReference}` };
  };

  const answer = (message: Outgoing, at: number): SendResult => {
    const retryAfterMs = rate.take(at);
    if (retryAfterMs !== null) return refusalOf({ outcome: 'throttled', retryAfterMs });
    const { faults } = settings();
    count += 1;
    const fault = faults && faultFor(faults, message, count);
    if (!fault) return taken(message);
    if (fault.arrives === true) taken(message);
    return refusalOf(fault);
  };

  const report = (messages: readonly Outgoing[], results: readonly SendResult[]): void => {
    const { receipts } = settings();
    if (!receipts) return;
    const { afterMs, status } = receipts;
    const due = messages.filter((_message, index) => results[index]?.outcome === 'submitted');
    if (due.length === 0) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      const told = due.map(({ clientReference }) => ({ clientReference, status, at: now() }));
      void Promise.resolve(onReceipts(told)).catch(options.onTrouble);
    }, afterMs);
    timers.add(timer);
  };

  const hold = (messages: readonly Outgoing[]): void => {
    const control = controlOf(options.settings.control);
    if (!control) return;
    control.report = onReceipts;
    control.sent.push(...messages);
    control.calls.push({ messages: messages.length, at: now() });
    control.onCall?.(messages);
  };

  /** @returns null where the call goes on as usual. */
  const misbehave = async (
    messages: readonly Outgoing[],
    deadline: AbortSignal,
  ): Promise<readonly SendResult[] | null> => {
    const faults = settings().faults?.filter(isOfCall) ?? [];
    if (faults.length === 0) return null;
    const met = messages.flatMap(
      (message, index) => faultFor(faults, message, count + index + 1) ?? [],
    );
    const [fault] = met;
    if (!fault) return null;
    count += messages.length;
    if (fault.arrives === true) messages.forEach(taken);
    switch (fault.outcome) {
      case 'silent':
        await untilAborted(deadline);
        return messages.map(() => silence);
      case 'deaf':
        return new Promise(() => undefined);
      case 'short':
        return messages.slice(1).map(taken);
      case 'garbage':
        return messages.map(() => ({ outcome: 'perhaps' })) as unknown as SendResult[];
      default:
        throw new Error('The sandbox was told to break.');
    }
  };

  return {
    send: async (messages, deadline) => {
      hold(messages);
      const { delayMs = 0, faults } = settings();
      if (delayMs > 0 && !(await waited(delayMs, deadline))) return messages.map(() => silence);
      const misbehaved = faults ? await misbehave(messages, deadline) : null;
      if (misbehaved) return misbehaved;
      const at = now();
      const results = messages.map((message) => answer(message, at));
      report(messages, results);
      return results;
    },
    reconcile: async (clientReference) => {
      const { reconcile = 'unknown' } = settings();
      if (reconcile === 'unknown') return { outcome: 'unknown' };
      if (!memory.has(clientReference)) return { outcome: 'never-arrived' };
      return { outcome: 'submitted', providerReference: `sandbox.${clientReference}` };
    },
    close: async () => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
};
