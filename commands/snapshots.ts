/**
 * Shortcuts past the beginning of a long stream. A snapshot is a cache in all but speed: losing one, or meeting one of another
 * schema version, only means reading more events.
 */
/** Where in the stream a command left its events. */
export interface CommandMark {
  readonly revision: number;
  readonly count: number;
  readonly fingerprint: string;
}

export interface Snapshot {
  readonly revision: number;
  readonly state: unknown;
  readonly commands: readonly (readonly [string, CommandMark])[];
}

export interface Snapshots {
  load(stream: string, schemaVersion: number): Promise<Snapshot | null>;
  /** Keeps the newer one where two writers meet. */
  save(stream: string, schemaVersion: number, snapshot: Snapshot): Promise<void>;
}

export const noSnapshots: Snapshots = {
  load: async () => null,
  save: async () => undefined,
};
