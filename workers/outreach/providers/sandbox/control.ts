/**
 * A sandbox in the hand of a test of the same process: what it was sent, and how it is to behave from now on. Nothing is kept of sandboxes
 * that nobody took in hand.
 */
import type { Outgoing, Receipt } from '../port.js';
import type { SandboxSettings } from './settings.js';

export interface SandboxControl {
  /** Everything it was called with, in order. */
  readonly sent: Outgoing[];
  readonly calls: { readonly messages: number; readonly at: number }[];
  /** Instead of its settings. */
  behaviour: Omit<SandboxSettings, 'control'> | null;
  /** Told at the beginning of each call. */
  onCall: ((messages: readonly Outgoing[]) => void) | null;
  /** Reports as the provider would, on a connection of its own; set once the sandbox is opened. */
  report: (receipts: readonly Receipt[]) => void;
  /** Nobody holds it any more. */
  release(): void;
}

const controls = new Map<string, SandboxControl>();

export const controlOf = (name: string | undefined): SandboxControl | undefined =>
  name === undefined ? undefined : controls.get(name);

/** @param name as the settings of the sandbox have it. */
export const takeControl = (name: string): SandboxControl => {
  const control: SandboxControl = {
    sent: [],
    calls: [],
    behaviour: null,
    onCall: null,
    report: () => {
      throw new Error(`The sandbox ${name} is not open yet: send something first.`);
    },
    release: () => void controls.delete(name),
  };
  controls.set(name, control);
  return control;
};
