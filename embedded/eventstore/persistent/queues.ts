/** The queues of a group: messages not tried yet, in the order of the source, and messages to try again. */
import type { Message } from './message.js';

/** What becomes of a message offered by a queue: it is taken, it stays and the next is offered, or no more are. */
export type Verdict = 'taken' | 'stays' | 'enough';

/** Offers messages in order and removes those that are taken. False when the taker has had enough. */
const offerAll = (messages: Message[], take: (message: Message) => Verdict): boolean => {
  const stay: Message[] = [];
  let at = 0;
  let verdict: Verdict = 'stays';
  while (at < messages.length) {
    verdict = take(messages[at]!);
    if (verdict === 'enough') break;
    if (verdict === 'stays') stay.push(messages[at]!);
    at++;
  }
  if (stay.length < at) messages.splice(0, at, ...stay);
  return verdict !== 'enough';
};

/** Messages read and not tried yet. */
export class FreshQueue {
  bytes = 0;
  private readonly messages: Message[] = [];

  get length(): number {
    return this.messages.length;
  }

  add(message: Message): void {
    this.messages.push(message);
    this.bytes += message.body.length;
  }

  offer(take: (message: Message) => Verdict): boolean {
    return offerAll(this.messages, (message) => {
      const verdict = take(message);
      if (verdict === 'taken') this.bytes -= message.body.length;
      return verdict;
    });
  }
}

/** Messages to try again, in the order they were first taken up. */
export class RetryQueue {
  private readonly messages: Message[] = [];

  get length(): number {
    return this.messages.length;
  }

  add(message: Message): void {
    let at = this.messages.length;
    while (at > 0 && this.messages[at - 1]!.sequence > message.sequence) at--;
    this.messages.splice(at, 0, message);
  }

  /** Removes and returns the first message that is answered by this id. */
  remove(id: string): Message | undefined {
    const at = this.messages.findIndex((message) => message.id === id);
    return at < 0 ? undefined : this.messages.splice(at, 1)[0];
  }

  offer(take: (message: Message) => Verdict): boolean {
    return offerAll(this.messages, take);
  }
}
