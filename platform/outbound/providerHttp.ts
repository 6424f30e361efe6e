/** The guarded client as providers see it: what failed says whether the request may have arrived. */
import type { ProviderHttp } from '../../workers/outreach/providers/port.js';
import type { GuardedClient } from './guardedClient.js';

/** The signal of the call ends it; this is for one that was given none that ever does. */
const deadlineMs = 120_000;

export const createProviderHttp =
  (client: () => Promise<GuardedClient>): ProviderHttp =>
  async ({ method, url, headers, body, deadline }) => {
    if (deadline.aborted) {
      return { kind: 'failed', written: false, code: 'DEADLINE', text: 'the deadline had passed' };
    }
    const opened = await client();
    const outcome = await opened.call({
      method,
      url,
      headers,
      deadlineMs,
      signal: deadline,
      ...(body === undefined ? {} : { body }),
    });
    switch (outcome.kind) {
      case 'answered': {
        const { status, headers: answered } = outcome;
        return { kind: 'answered', status, headers: answered, body: outcome.body.toString('utf8') };
      }
      case 'refused':
        return { kind: 'failed', written: false, code: 'ADDRESS_REFUSED', text: outcome.reason };
      case 'failed':
        return { kind: 'failed', written: outcome.sent, code: outcome.code, text: outcome.reason };
    }
  };
