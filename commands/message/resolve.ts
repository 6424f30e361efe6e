/**
 * From what was asked for to what is recorded: steps and versions pinned, times by the rules of its class, addresses in one spelling. What
 * the programme does not have, or where the request contradicts itself, is told here, while there is somebody to tell.
 */
import type { TenantId, UserId } from '../../domain/ids.js';
import { addressKindOf, classRules, type MessageClass } from '../../domain/message/kinds.js';
import type { Accepted } from '../../domain/message/message.js';
import { isTimeZone } from '../../domain/pricing/localTime.js';
import { rejected } from '../../domain/rejected.js';
import type { Step } from '../../domain/strategy/step.js';
import { segmentsMax, segmentsOf } from '../../domain/template/segments.js';
import type { Directory } from '../directory.js';
import type { TemplateVersion } from '../outreach.js';
import { callbackTopic } from '../publication/callbackTopic.js';
import { isDeeper } from '../publication/record.js';
import { variableFault } from '../template/variables.js';
import { type Fault, faultsIn, InvalidInput } from '../validation.js';
import { type AddressBook, addressBook, Addresses } from './addresses.js';
import { MessageRequest, requestBytesMax } from './request.js';
import type { SealedContent } from './sealing.js';

export type Requester = Accepted['requester'];

/** Everything but what takes a key. */
export interface Resolved {
  readonly request: MessageRequest;
  readonly userId: UserId | null;
  readonly addresses: AddressBook;
  readonly content: SealedContent;
  readonly template: Accepted['template'];
  readonly strategy: Accepted['strategy'];
  readonly steps: Step[];
  /** ISO 8601 */
  readonly notBefore: string | null;
  readonly expiresAt: string;
}

export interface ResolveFor {
  readonly directory: Directory;
  readonly tenant: TenantId;
  readonly requester: Requester;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** It is sent this late at the most. */
const aheadMsMax = 366 * 86_400_000;
/** For proof of a delivery on a single channel: receipts of a phone that was switched off come this late. */
const waitSeconds: Readonly<Record<MessageClass, number>> = {
  otp: 3_600,
  transactional: 259_200,
  service: 259_200,
  marketing: 259_200,
};

/** What was under way when the others were told goes out by itself, rather than not at all. */
const digestLateMsMax = 900_000;

/** What came by another way than HTTP was not counted before. */
const depthMax = 32;

type Tell = (pointer: string, reason: string) => void;

const timesOf = (request: MessageRequest, now: number, tell: Tell) => {
  const { class: of, digest } = request;
  const notBefore = request.notBefore === undefined ? null : Date.parse(request.notBefore);
  if (notBefore !== null && notBefore > now + aheadMsMax) {
    tell('/notBefore', 'must be within a year');
  }
  const begin = Math.max(now, notBefore ?? now);
  const { validSeconds, validSecondsMax } = classRules[of];
  const latest = begin + validSecondsMax * 1_000;
  const asked = request.expiresAt === undefined ? null : Date.parse(request.expiresAt);
  if (asked !== null && asked <= begin) tell('/expiresAt', 'must be later than it may be sent');
  if (asked !== null && asked > latest) {
    tell('/expiresAt', `must be at most ${validSecondsMax} s after it may be sent (class ${of})`);
  }
  const until = digest ? Date.parse(digest.until) : null;
  if (until !== null && of === 'otp')
    tell('/digest', 'is not for one-time passwords: leave it out');
  if (until !== null && until < now - digestLateMsMax) tell('/digest/until', 'must be to come');
  if (until !== null && (asked ?? latest) <= until) {
    tell('/digest/until', 'must be before it expires');
  }
  const expires = asked ?? Math.max(begin, until ?? begin) + validSeconds * 1_000;
  return {
    notBefore: notBefore === null || notBefore <= now ? null : new Date(notBefore).toISOString(),
    expiresAt: new Date(expires).toISOString(),
  };
};

/** @throws Rejected strategy-not-found, strategy-retired */
const stepsOf = (request: MessageRequest, { directory, tenant }: ResolveFor) => {
  const { strategy: asked, channel, class: of, until, providerId } = request;
  if (!asked) {
    const step: Step = {
      channel: channel ?? 'email',
      until: until ?? 'delivered',
      waitSeconds: waitSeconds[of],
      ...(providerId === undefined ? {} : { providerId }),
    };
    return { strategy: null, steps: [step] };
  }
  const { strategyId, version } = asked;
  const found = directory.outreach.strategy(tenant, strategyId, version);
  if (!found) throw rejected('strategy-not-found', { strategyId });
  if (directory.outreach.strategies(tenant).get(strategyId)?.status === 'retired') {
    throw rejected('strategy-retired', { strategyId });
  }
  const steps = [...found.content.steps];
  return { strategy: { strategyId, version: found.version }, steps };
};

/** @throws Rejected template-not-found, template-retired */
const templateOf = (request: MessageRequest, { directory, tenant }: ResolveFor) => {
  if (!request.template) return null;
  const { templateId, version } = request.template;
  const found = directory.outreach.template(tenant, templateId, version);
  if (!found) throw rejected('template-not-found', { templateId });
  if (directory.outreach.templates(tenant).get(templateId)?.status === 'retired') {
    throw rejected('template-retired', { templateId });
  }
  return found;
};

/** What each step says: its own template, or the message's. A version that a strategy names is checked when the strategy is made. */
const templatesOf = (
  steps: readonly Step[],
  template: TemplateVersion | null,
  { directory, tenant }: ResolveFor,
): readonly (TemplateVersion | null)[] =>
  steps.map((step) => {
    if (!step.template) return template;
    const { templateId, version } = step.template;
    return directory.outreach.template(tenant, templateId, version) ?? null;
  });

/** Told now, while there is somebody to tell: what is missing is missing when it is sent too. */
const assertSayable = (
  steps: readonly Step[],
  said: readonly (TemplateVersion | null)[],
  { variables = {}, text }: MessageRequest,
  tell: Tell,
): void => {
  const isSaid = ({ channel }: Step, i: number): boolean => {
    const content = said[i]?.content;
    return content ? Object.values(content.bodies).some((one) => one[channel]) : !!text;
  };
  if (!steps.some(isSaid)) {
    const named = [...new Set(steps.map(({ channel }) => channel))].join(', ');
    tell('/template', `says nothing on ${named}: name another, or another channel`);
  }
  const declared = new Set(said.flatMap((one) => (one ? [one.content.variables] : [])));
  for (const each of declared) {
    const fault = variableFault(each, variables);
    if (fault) return tell(fault.pointer, fault.detail);
  }
};

/** No text of so few signs, whatever they are, has too many parts. */
const shortMax = 600;

/** The programme pays for each part. */
const assertShort = (
  steps: readonly Step[],
  said: readonly (TemplateVersion | null)[],
  { text }: MessageRequest,
  tell: Tell,
): void => {
  if (!text || text.text.length <= shortMax) return;
  if (!steps.some(({ channel }, i) => channel === 'sms' && !said[i])) return;
  const { segments } = segmentsOf(text.text);
  if (segments <= segmentsMax) return;
  tell('/text/text', `has ${segments} parts as an SMS: say it in ${segmentsMax}`);
};

const contradictionsIn = (request: MessageRequest, tell: Tell): void => {
  const { channel, strategy, template, text, variables, recipient, until, providerId } = request;
  if ((channel === undefined) === (strategy === undefined)) {
    tell('/channel', 'must be given, or strategy in its place');
  }
  if (strategy && (until !== undefined || providerId !== undefined)) {
    const name = until === undefined ? 'providerId' : 'until';
    tell(`/${name}`, 'is said by the steps of the strategy');
  }
  if ((template === undefined) === (text === undefined)) {
    tell('/template', 'must be given, or text in its place');
  }
  if (isDeeper(variables, depthMax))
    tell('/variables', `must be nested at most ${depthMax} levels`);
  if (text && variables) tell('/variables', 'fill a template: an own text has no places');
  const { timeZone, name, email } = recipient;
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    tell('/recipient/timeZone', 'must be a time zone of the IANA');
  }
  if (name !== undefined && email === undefined) {
    tell('/recipient/name', 'stands beside an e-mail address');
  }
};

/** An account's own addresses are looked up when it is sent. */
const assertReachable = (steps: readonly Step[], { recipient }: MessageRequest, tell: Tell) => {
  if (recipient.userId !== undefined) return;
  const isReached = steps.some(({ channel }) => recipient[addressKindOf[channel]] !== undefined);
  if (isReached) return;
  const kinds = [...new Set(steps.map(({ channel }) => addressKindOf[channel]))].join(' or ');
  tell('/recipient', `must name an account, or an address of kind ${kinds}`);
};

/** Nobody else may carry it, so a name that is wrong would have it wait until it expires. */
const assertCarried = (request: MessageRequest, { directory, tenant }: ResolveFor, tell: Tell) => {
  const { providerId, channel } = request;
  if (providerId === undefined) return;
  const provider = directory.carriers.provider(tenant, providerId);
  if (!provider) tell('/providerId', 'is not registered: leave it out, or name another');
  else if (provider.channel !== channel) tell('/providerId', `carries ${provider.channel}`);
};

const textOnly = ({ subject, text, html, link }: NonNullable<MessageRequest['text']>) => ({
  ...(subject === undefined ? {} : { subject }),
  text,
  ...(html === undefined ? {} : { html }),
  ...(link === undefined ? {} : { link }),
});

/**
 * @throws InvalidInput with every fault, Rejected template-not-found, template-retired, strategy-not-found, strategy-retired,
 * invalid-contact, topic-not-found, topic-archived, not-topic-owner
 */
export const resolve = (asked: unknown, by: ResolveFor): Resolved => {
  const malformed = faultsIn(MessageRequest, asked);
  if (malformed.length > 0) throw new InvalidInput(malformed);
  const request = asked as MessageRequest;
  const faults: Fault[] = [];
  const tell: Tell = (pointer, reason) => void faults.push({ pointer, reason });
  contradictionsIn(request, tell);
  const times = timesOf(request, by.now, tell);
  if (faults.length > 0) throw new InvalidInput(faults);
  const { strategy, steps } = stepsOf(request, by);
  assertReachable(steps, request, tell);
  assertCarried(request, by, tell);
  if (faults.length > 0) throw new InvalidInput(faults);
  const template = templateOf(request, by);
  const said = templatesOf(steps, template, by);
  assertSayable(steps, said, request, tell);
  assertShort(steps, said, request, tell);
  if (faults.length > 0) throw new InvalidInput(faults);
  const { recipient, variables, text, callback } = request;
  if (callback) callbackTopic(by.directory, by.tenant, by.requester, callback.topicId);
  const addresses = addressBook(addressesIn(recipient));
  const content: SealedContent = {
    addresses,
    ...(variables ? { variables } : {}),
    ...(text ? { text: textOnly(text) } : {}),
  };
  if (Buffer.byteLength(JSON.stringify(content)) > requestBytesMax) {
    throw new InvalidInput([{ pointer: '', reason: `must say at most ${requestBytesMax} bytes` }]);
  }
  return {
    request,
    addresses,
    content,
    strategy,
    steps,
    ...times,
    userId: recipient.userId ?? null,
    template: template ? { templateId: template.templateId, version: template.version } : null,
  };
};

const addressNames = Object.keys(Addresses.properties) as (keyof Addresses)[];
const addressesIn = (recipient: MessageRequest['recipient']): Addresses =>
  Object.fromEntries(
    addressNames.flatMap((name) =>
      recipient[name] === undefined ? [] : [[name, recipient[name]]],
    ),
  );
