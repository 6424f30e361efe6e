/** One setting: how the environment names it, how its text is read, and what the reference says of it. */
import type { Kind } from './kinds.js';

export interface Setting<T> {
  readonly env: `KOPILKA_${string}`;
  readonly kind: Kind<T>;
  /** As it would be written in the environment. */
  readonly default: string;
  /** Never printed; of a URL only the password is hidden. */
  readonly secret?: true;
  readonly description: string;
}

export const setting = <T>(definition: Setting<T>): Setting<T> => definition;
