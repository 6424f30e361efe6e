/**
 * Messages with a consumer, waiting for its answer. Events of different streams may share an id, so an id finds the
 * one that has been waiting longest.
 *
 * Invariant: flights stand in the order they took off in, which with one time-out for all is the order they expire in.
 */
import type { Consumer } from './consumer.js';
import type { Message } from './message.js';

export interface Flight {
  readonly message: Message;
  readonly consumer: Consumer;
  readonly sentAtMs: number;
}

export class Flights {
  private readonly bySequence = new Map<number, Flight>();
  private readonly byId = new Map<string, Flight[]>();

  get size(): number {
    return this.bySequence.size;
  }

  add(flight: Flight): void {
    const { sequence, id } = flight.message;
    this.bySequence.set(sequence, flight);
    const same = this.byId.get(id);
    if (same) same.push(flight);
    else this.byId.set(id, [flight]);
  }

  find(id: string): Flight | undefined {
    return this.byId.get(id)?.[0];
  }

  remove(flight: Flight): void {
    const { sequence, id } = flight.message;
    this.bySequence.delete(sequence);
    const others = this.byId.get(id)!.filter((other) => other !== flight);
    if (others.length > 0) this.byId.set(id, others);
    else this.byId.delete(id);
  }

  of(consumer: Consumer): Flight[] {
    return [...this.bySequence.values()].filter((flight) => flight.consumer === consumer);
  }

  /** Those sent at this time or before, epoch ms. */
  sentBy(time: number): Flight[] {
    const sent: Flight[] = [];
    for (const flight of this.bySequence.values()) {
      if (flight.sentAtMs > time) break;
      sent.push(flight);
    }
    return sent;
  }
}
