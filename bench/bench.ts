/**
 * What a benchmark is: a name, one sentence, and a run that hands back tables for people and figures for programs.
 *
 * Every run is bounded: seconds and rounds are given, each wait has a deadline, and whatever it starts is put on the clean-up
 * stack at once, so that an interrupted run leaves no process and no folder behind.
 */
import type { Cleanup } from './cleanup.js';
import type { Table } from './table.js';

export interface RunOptions {
  /** Small sizes that prove the bench works; its figures mean nothing. */
  readonly quick: boolean;
  /** Measured seconds of one sample; undefined: the bench's own choice. */
  readonly seconds: number | undefined;
  readonly rounds: number | undefined;
  readonly connections: readonly number[] | undefined;
  /** Of a bench that compares: which of its rivals take part. */
  readonly targets: readonly string[] | undefined;
  /** Folder for the CPU profiles of the product, or undefined for none. */
  readonly profileDir: string | undefined;
  readonly cleanup: Cleanup;
  /** Progress, for people. */
  readonly say: (line: string) => void;
}

export interface Report {
  readonly tables: readonly Table[];
  /** As JSON: whatever the tables show, unrounded, and what they leave out. */
  readonly figures: Readonly<Record<string, unknown>>;
  /** Sentences below the tables. */
  readonly notes: readonly string[];
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  readonly run: (options: RunOptions) => Promise<Report>;
}
