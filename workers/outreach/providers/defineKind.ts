/** Declares a kind: its settings and secrets have the types of their schemas inside, and are checked by them before they come in. */
import type { Static, TSchema } from '@sinclair/typebox';
import type { ProviderKind } from './port.js';

export const defineKind = <Settings extends TSchema, Secrets extends TSchema>(
  kind: Omit<ProviderKind<Static<Settings>, Static<Secrets>>, 'settings' | 'secrets'> & {
    readonly settings: Settings;
    readonly secrets: Secrets;
  },
): ProviderKind => kind as unknown as ProviderKind;
