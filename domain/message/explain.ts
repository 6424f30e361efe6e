/**
 * What one recorded fact meant for one message, in sentences beside the codes. Pure: made from the fact and from the message as it was
 * before and is after, when somebody asks; so old messages are told in today's words.
 */
import { timeText } from '../amountText.js';
import { unreachable } from '../event.js';
import type { MessageId } from '../ids.js';
import type { RoutingDecision } from './events.js';
import {
  type Accepted,
  type Change,
  isOver,
  isTerminal,
  type Message,
  type ShownStatus,
} from './message.js';
import { languageWords } from './language.js';
import { errorWords, namesProviders, reasonWords, verdictWords } from './reasonWords.js';
import { saidWords } from './saidWords.js';

export const explainedFlags = [
  /** A receipt that came before the provider's own answer. */
  'early',
  /** A receipt that came after the message was over, or its step. */
  'late',
  /** With it a second attempt reached the recipient. */
  'delivered-twice',
  /** An order that came when something was on its way. */
  'too-late',
  /** It changed nothing: it was known, or the message was over. */
  'no-change',
] as const;
export type ExplainedFlag = (typeof explainedFlags)[number];

export interface Explained {
  /** The code that says why, or what came of it. */
  readonly code: string | null;
  readonly sentence: string;
  /** One for each thing that was weighed. */
  readonly details: readonly string[];
  readonly flags: readonly ExplainedFlag[];
}

export interface Telling {
  /** Of an attempt that is started; undefined: it is not told. */
  readonly decision: RoutingDecision | undefined;
  /** Who carries a message is told by name. */
  readonly named: boolean;
}

const said = (
  code: string | null,
  sentence: string,
  details: readonly (string | null | undefined)[] = [],
): Explained => ({
  code,
  sentence,
  flags: [],
  // A fact recorded by a rule that had nothing more to say holds an empty one.
  details: details.filter((detail) => detail != null).filter((detail) => detail !== ''),
});

/** @param iso of an event. */
const at = (iso: string): string => timeText(Date.parse(iso));

const classWords = {
  otp: 'A one-time password, sent before everything else, whatever the hour',
  transactional: 'Transactional, sent whatever the hour',
  service: 'A service message, which obeys quiet hours and withdrawn consent',
  marketing: 'Marketing, which obeys quiet hours, consent and caps',
} as const;

export const explainAccepted = (data: Accepted): Explained => {
  const { requester, steps, template, strategy, policy, campaign, digest } = data;
  const way = steps.map(({ channel, until }) => `${channel} until ${until}`).join(', then ');
  const what = template
    ? `template ${template.templateId}, version ${template.version}`
    : 'its own text';
  return said(null, `${requester.kind} ${requester.id} asked for it, with ${what}: ${way}.`, [
    `${classWords[data.class]}.`,
    strategy && `The steps are of strategy ${strategy.strategyId}, version ${strategy.version}.`,
    policy && `The rule ${policy.policyId} made it of the fact ${policy.factId}.`,
    campaign && `It belongs to campaign ${campaign}.`,
    data.notBefore && `Not before ${at(data.notBefore)}.`,
    `Worth sending until ${at(data.expiresAt)}.`,
    digest && `It goes out with others of "${digest.key}" at ${at(digest.until)}.`,
  ]);
};

const permissionWords = {
  class: 'its class asks nobody',
  consent: 'the recipient consented',
  'no-objection': 'the recipient did not object',
} as const;

type Of<Type extends Change['type']> = Extract<Change, { type: Type }>['item'];

const explainStarted = (
  item: Of<'AttemptsStarted'>,
  provider: string,
  { decision, named }: Telling,
) => {
  const { attempt, channel, permission, segments, language } = item;
  const { basis, since, asOf } = permission;
  const given = since === undefined ? '' : ` on ${at(since)}`;
  const rule = decision?.rule == null ? '' : ` by rule ${decision.rule}`;
  const version = decision ? `, version ${decision.version} of the routing rules` : '';
  return said(basis, `Attempt ${attempt} goes out as ${channel} by ${provider}${rule}${version}.`, [
    ...(decision?.candidates ?? []).map(
      ({ providerId: one, weight, verdict }) =>
        `${one} (weight ${weight}): ${verdictWords(verdict)}.`,
    ),
    `It may be sent, as ${permissionWords[basis]}${given}; known up to position ${asOf} of the log.`,
    language && languageWords(language, named),
    segments === undefined ? null : `${segments} segment${segments === 1 ? '' : 's'} of SMS.`,
  ]);
};

const outcomeWords = {
  submitted: 'took it',
  throttled: 'asked for a pause: it does not count as an attempt',
  retryable: 'could not take it now',
  permanent: 'refused it for good',
  unknown: 'did not say what became of it: it is asked, and nothing is sent again blindly',
} as const;

const cannotBeAsked = 'cannot-be-asked';

const explainAnswered = (item: Of<'AttemptsAnswered'>, provider: string) => {
  const { attempt, outcome, errorClass, code, text, ms, retryAt, reconciled } = item;
  const asked = reconciled ? ', asked again,' : '';
  const words =
    reconciled && code === cannotBeAsked
      ? ' cannot be asked what became of it: that stays unknown, and nothing is sent again blindly'
      : `${asked} ${outcomeWords[outcome]}`;
  return said(errorClass ?? outcome, `Attempt ${attempt}: ${provider}${words}.`, [
    code === cannotBeAsked ? null : saidWords(code, text),
    errorClass && `The failure: ${errorWords(errorClass)}.`,
    `It took ${ms} ms.`,
    retryAt && `To be looked at again at ${at(retryAt)}.`,
  ]);
};

const receiptWords = {
  delayed: 'it is on its way still',
  deliveredToOperator: 'the operator has it',
  delivered: 'it was delivered',
  undelivered: 'it was not delivered',
} as const;

const causeWords = {
  bounce: 'it came back',
  complaint: 'the recipient complained of it',
} as const;

const explainReceipt = (item: Of<'ReceiptsRecorded'>, provider: string) => {
  const { attempt, status, cause, errorClass, code, text } = item;
  const words = cause ? causeWords[cause] : receiptWords[status];
  return said(
    errorClass ?? (cause === 'complaint' ? cause : status),
    `Attempt ${attempt}: ${provider} reports that ${words}.`,
    [
      `At ${at(item.at)}.`,
      saidWords(code, text),
      errorClass && `The failure: ${errorWords(errorClass)}.`,
    ],
  );
};

const engagementWords = { seen: 'saw it', read: 'read it', clicked: 'followed its link' } as const;

const explainAdvanced = (item: Of<'MessagesAdvanced'>, { steps }: Message) => {
  const step = steps[item.step];
  const to = step ? `step ${item.step + 1}, ${step.channel}` : `step ${item.step + 1}`;
  const sentence = `Goes on to ${to}, because ${reasonWords(item.reason)}.`;
  return said(item.reason, sentence, [item.detail]);
};

const explainDigested = (item: Of<'MessagesDigested'>) =>
  item.messageId === item.into
    ? said('digest', `Speaks for ${item.others.length} others that are told with it.`)
    : said('digest', `Goes out as a part of message ${item.into}, whose fate it shares.`);

/** Of a message that became a part of `into`: what became of that one. */
export const explainFate = (
  into: MessageId,
  status: ShownStatus,
  reason: string | null,
): string => {
  const why = reason === null ? '' : `: ${reasonWords(reason)}`;
  return isTerminal(status)
    ? `Message ${into}, of which it is a part, is over, ${status}${why}.`
    : `Message ${into}, of which it is a part, is not over yet; it is ${status}${why}.`;
};

const unnamed = 'the provider';

const told = (change: Change, before: Message, telling: Telling): Explained => {
  const { named } = telling;
  const providerOf = (number: number): string => {
    const found = before.attempts.find(({ attempt }) => attempt === number);
    return (named ? found?.providerId : undefined) ?? unnamed;
  };
  switch (change.type) {
    case 'AttemptsStarted':
      return explainStarted(change.item, named ? change.item.providerId : unnamed, telling);
    case 'AttemptsAnswered':
      return explainAnswered(change.item, providerOf(change.item.attempt));
    case 'ReceiptsRecorded':
      return explainReceipt(change.item, providerOf(change.item.attempt));
    case 'EngagementsRecorded': {
      const { attempt, kind } = change.item;
      const sentence = `The recipient ${engagementWords[kind]} (attempt ${attempt}).`;
      return said(kind, sentence, [`At ${at(change.item.at)}.`]);
    }
    case 'MessagesHeld': {
      const { reason, until, detail } = change.item;
      return said(reason, `Waits until ${at(until)}, because ${reasonWords(reason)}.`, [detail]);
    }
    case 'MessagesAdvanced':
      return explainAdvanced(change.item, before);
    case 'MessagesEnded': {
      const { status, reason, detail } = change.item;
      return said(reason, `Is over, ${status}: ${reasonWords(reason)}.`, [detail]);
    }
    case 'MessagesCancelled':
      return said('cancel', 'Its requester cancelled it.', [change.item.reason || null]);
    case 'MessagesRescheduled': {
      const { notBefore, expiresAt } = change.item;
      const sentence = `Its requester put it off until ${at(notBefore)}.`;
      return said('reschedule', sentence, [expiresAt && `Worth sending until ${at(expiresAt)}.`]);
    }
    case 'MessagesDigested':
      return explainDigested(change.item);
    default:
      return unreachable(change);
  }
};

const isEarly = (change: Change, before: Message): boolean =>
  change.type === 'ReceiptsRecorded' &&
  before.attempts.some(
    ({ attempt, outcome }) => attempt === change.item.attempt && outcome === null,
  );

const flagsOf = (change: Change, before: Message, after: Message): ExplainedFlag[] => {
  const isOrder = change.type === 'MessagesCancelled' || change.type === 'MessagesRescheduled';
  const tooLate = isOrder && after.orders.at(-1)?.outcome === 'too-late';
  const known = after === before || (change.type === 'MessagesEnded' && isOver(before));
  return [
    ...(isEarly(change, before) ? (['early'] as const) : []),
    ...(after.lateReceipts > before.lateReceipts ? (['late'] as const) : []),
    ...(after.deliveredTwice && !before.deliveredTwice ? (['delivered-twice'] as const) : []),
    ...(tooLate ? (['too-late'] as const) : []),
    ...(known ? (['no-change'] as const) : []),
  ];
};

const flagWords: Readonly<Record<ExplainedFlag, string>> = {
  early: 'It came before the answer of the provider did.',
  late: 'It came late: the message, or its step, was over already.',
  'delivered-twice': 'So the message reached its recipient twice.',
  'too-late': 'It came too late: something was sent already that may arrive.',
  'no-change': 'It changed nothing any more.',
};

/** Details of some reasons name providers. */
const withoutSecrets = (change: Change, { named }: Telling): Change => {
  if (named || !('reason' in change.item) || !namesProviders(change.item.reason)) return change;
  return { ...change, item: { ...change.item, detail: undefined } } as unknown as Change;
};

/** @param after the message once the change is taken in. */
export const explainChange = (
  change: Change,
  before: Message,
  after: Message,
  telling: Telling,
): Explained => {
  const explained = told(withoutSecrets(change, telling), before, telling);
  const flags = flagsOf(change, before, after);
  const details = [...explained.details, ...flags.map((flag) => flagWords[flag])];
  return { ...explained, details, flags };
};
