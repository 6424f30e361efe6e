/** docs/reference/access.md: who may use what. A test holds the page and the routes together, so nothing is opened unnoticed. */
import type { Access } from './auth/access.js';
import type { Route } from './route.js';

const tick = (yes: boolean): string => (yes ? 'yes' : '');

const columns = (access: Access): readonly [string, string, string, string] => {
  if (access.kind === 'public') return ['everybody', '', '', ''];
  if (access.kind === 'monitoring')
    return ['the machine itself, or the monitoring token', '', '', ''];
  const partner = access.partner ?? [];
  return [tick(access.till), tick(access.app), partner.join(', '), access.operator.join(', ')];
};

export const renderAccessReference = (routes: readonly Route[]): string =>
  [
    '# Access',
    '',
    'Who may use what. A till is let in by its own token, or by an app that sends it in `X-Till-Token`.',
    'Partners are let in by role, people and programs alike. What is asked of a caller beyond this page (its own merchant, its own',
    'till, its own topic) is said with each route in the API documentation.',
    'This page is made of the routes; a test holds the two together.',
    '',
    '| route | tills | apps alone | partners | operators |',
    '| --- | --- | --- | --- | --- |',
    ...routes
      .map(
        ({ method, path, access }) => `| \`${method} ${path}\` | ${columns(access).join(' | ')} |`,
      )
      .sort(),
    '',
  ].join('\n');
