/** The table of problems as a page of the reference. */
import { type RejectionCode, rejections } from '../domain/rejected.js';
import { advice } from './advice.js';
import { type ProblemCode, problemStatuses } from './problemCodes.js';
import { refusals } from './refused.js';

/** docs/reference/errors.md. */
export const renderErrorReference = (): string => {
  const rows = (codes: Readonly<Record<string, string>>) =>
    Object.entries(codes)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([code, title]) => `| \`${code}\` | ${problemStatuses[code as ProblemCode]} | ${title} |`,
      );
  const head = ['| code | status | title |', '| --- | --- | --- |'];
  const decisions = rows(rejections).map((row) => {
    const code = /`(.+?)`/.exec(row)?.[1] as RejectionCode;
    return `${row} ${advice[code]} |`;
  });
  return [
    '# Errors',
    '',
    'Every error is `application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail` (what to do next), `code` (stable:',
    'program against it), `correlationId` (also in `X-Request-Id`), and what the code adds, such as `faults` of `invalid-input`:',
    'for each its part of the request (`in`: body, path, query or header), the JSON pointer and the reason.',
    'Answers with status 429 and 503 carry `Retry-After` in seconds; the request may be sent again with the same idempotency key.',
    'This page is the table in `api/problemCodes.ts`, rendered; a test holds the two together.',
    '',
    '## Decisions',
    '',
    '| code | status | title | what to do |',
    '| --- | --- | --- | --- |',
    ...decisions,
    '',
    '## Requests',
    '',
    ...head,
    ...rows(refusals),
    '',
  ].join('\n');
};
