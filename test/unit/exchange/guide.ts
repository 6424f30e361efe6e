/** The requests of a guide with their answers, in the order in which they are written. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../../platform/packageRoot.js';

export interface Step {
  readonly method: 'get' | 'post' | 'put';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** One, or those of the lines. */
  readonly answers: readonly object[];
}

const blocks =
  /```http\n(?<method>[A-Z]+) (?<path>\S+)\n(?<headers>(?:[A-Z][\w-]+: .*\n)*)(?<body>[\s\S]*?)```(?:\n```(?<form>json|ndjson)\n(?<answer>[\s\S]*?)```)?/g;

export const stepsOf = (name: string): Step[] => {
  const text = readFileSync(join(packageRoot, 'docs/guides', name), 'utf8');
  return [...text.matchAll(blocks)].map(({ groups = {} }) => {
    const { method = '', path = '', headers = '', body = '', form, answer = '{}' } = groups;
    const told = form === 'ndjson' ? answer.trim().split('\n') : [answer];
    return {
      method: method.toLowerCase() as Step['method'],
      path,
      headers: Object.fromEntries(
        headers
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split(': ') as [string, string]),
      ),
      body: body.trim(),
      answers: told.map((line) => JSON.parse(line) as object),
    };
  });
};
