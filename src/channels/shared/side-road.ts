// The side road: what a value consists of besides bytes. Shared memory cannot lie in shared memory, so blocks of it (locks, arenas,
// other channels) go by a BroadcastChannel that all threads with such channels listen to, under a number that stands with the bytes.
//
// A post is in the queues of all listeners before the value can be received, so a receiver finds it there, also one that blocks. Only a
// thread that came later has missed it: it asks, and whoever still has it posts it again. Somebody has: a value needs its attachments
// while it is in the queue and, noted there in the step that takes it out, until its receiver has fetched them; what is needed is kept, by the
// sender also when it has no use for the channel any more.
import type { BroadcastChannel } from "node:worker_threads";
import { NotSerializableError } from "../../contract/errors.ts";
import { workerThreads } from "../../core/worker-threads.ts";
import { blockFor } from "../../memory/atomics.ts";
import { nameOfThread, obituary, thisThread } from "../../memory/this-thread.ts";

type Attachments = readonly unknown[];
/** What goes along the road: attachments, or the wish for them. */
type Post = readonly [key: string, attachments: Attachments | undefined];

/** Which numbers of a channel values still need, as `thread:number`. */
export type Needed = () => ReadonlySet<string>;

/** How long to wait for somebody to post again what this thread has missed: when its sender is dead, and when it may only be busy. */
const orphanedMs = 2_000;
const busyMs = 10_000;
/** How long what is needed is kept when this thread has no use for the channel any more: for a task that has been given it and has yet to begin. */
const leftMs = 60_000;
/** How many are kept before it is looked which of them are needed. */
const unlookedFor = 64;

/** A channel that this thread has; more than once for a moment, when it comes again before it was collected. */
interface Membership {
  readonly needed: Needed;
  members: number;
}

class SideRoad {
  readonly #port = new (workerThreads().BroadcastChannel)("brigade.attachments/1") as BroadcastChannel & { unref(): void };
  readonly #channels = new Map<string, Membership>();
  readonly #kept = new Map<string, Attachments>();
  #keepBeforeLook = unlookedFor;
  #last = 0;

  constructor() {
    this.#port.onmessage = (event) => this.#read((event as { readonly data: Post }).data);
    this.#port.unref();
  }

  join(channel: string, needed: Needed): void {
    const known = this.#channels.get(channel);
    if (known === undefined) this.#channels.set(channel, { needed, members: 1 });
    else known.members++;
  }

  /** This thread has no use for the channel any more; others may still need what it has sent. */
  leave(channel: string): void {
    const known = this.#channels.get(channel);
    if (known === undefined || --known.members > 0) return;
    // Most have nothing left, and to look for what is needed takes all queues.
    if (this.#keeps(channel)) this.#letGo();
    if (this.#keeps(channel)) setTimeout(() => this.#forget(channel), leftMs).unref();
    else this.#forget(channel);
  }

  #keeps(channel: string): boolean {
    for (const key of this.#kept.keys()) if (key.startsWith(`${channel}/`)) return true;
    return false;
  }

  #forget(channel: string): void {
    if ((this.#channels.get(channel)?.members ?? 0) > 0) return;
    this.#channels.delete(channel);
    for (const key of this.#kept.keys()) if (key.startsWith(`${channel}/`)) this.#kept.delete(key);
  }

  /** Lays attachments beside a value that is about to be sent; returns their number. */
  post(channel: string, attachments: Attachments): number {
    this.#last = (this.#last + 1) & 0x3fff_ffff || 1;
    const key = `${channel}/${thisThread()}:${this.#last}`;
    this.#keep(key, attachments);
    this.#port.postMessage([key, attachments] satisfies Post);
    return this.#last;
  }

  /** The attachments of a value that was received. Blocks the thread when it has missed them, until somebody posts them again;
   *  `NotSerializableError` when nobody does. */
  take(channel: string, thread: number, number: number): Attachments {
    const key = `${channel}/${thread}:${number}`;
    this.drain();
    const startedAt = performance.now();
    for (let looks = 0; !this.#kept.has(key); looks++) {
      const waitedMs = performance.now() - startedAt;
      if (waitedMs >= busyMs || (waitedMs >= orphanedMs && obituary().has(thread))) {
        const message = `The shared memory in a value is lost: ${nameOfThread(thread)}, which sent it, and all that had it are gone or busy.`;
        throw new NotSerializableError(message, "message");
      }
      if (looks % 100 === 0) this.#port.postMessage([key, undefined] satisfies Post);
      blockFor(1);
      this.drain();
    }
    const attachments = this.#kept.get(key) as Attachments;
    this.#kept.delete(key);
    return attachments;
  }

  /** Reads what has come, also while the event loop stands still. */
  drain(): void {
    for (
      let post = workerThreads().receiveMessageOnPort(this.#port as never);
      post !== undefined;
      post = workerThreads().receiveMessageOnPort(this.#port as never)
    ) {
      this.#read(post.message as Post);
    }
  }

  #read([key, attachments]: Post): void {
    if (!this.#channels.has(key.slice(0, key.indexOf("/")))) return;
    if (attachments !== undefined) this.#keep(key, attachments);
    else {
      const kept = this.#kept.get(key);
      if (kept !== undefined) this.#port.postMessage([key, kept] satisfies Post);
    }
  }

  #keep(key: string, attachments: Attachments): void {
    if (this.#kept.size >= this.#keepBeforeLook) this.#letGo();
    this.#kept.set(key, attachments);
  }

  /** Forgets what no value needs any more. */
  #letGo(): void {
    const needed = new Map([...this.#channels].map(([channel, ask]) => [channel, ask.needed()]));
    for (const key of this.#kept.keys()) {
      const slash = key.indexOf("/");
      if (!needed.get(key.slice(0, slash))?.has(key.slice(slash + 1))) this.#kept.delete(key);
    }
    this.#keepBeforeLook = Math.max(unlookedFor, this.#kept.size * 2);
  }
}

let road: SideRoad | undefined;

/** The road as this thread has it. */
export function sideRoad(): SideRoad {
  road ??= new SideRoad();
  return road;
}
