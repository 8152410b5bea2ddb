// What the watched thread and its watchdog share: a few words of memory and the shape of what they say to each other. Protocol: README.md.
import type { MessagePort } from "node:worker_threads";
import type { SharedWords } from "../../memory/atomics.ts";

/** Instant of the last heartbeat (`beatNow`), written by the watched thread. */
export const BEAT = 0;
/** The heartbeat after which the watchdog noticed a stall, written by the watchdog. */
export const NOTICED = 1;
/** A stall that the watchdog shall notice, in ms, written by the watched thread. */
export const LIMIT = 2;
/** 1 while a debugger of the user's may be attached, written by the watched thread. */
export const DEBUGGER = 3;
/** 1 when the watchdog shall end, written by the watched thread. */
export const STOP = 4;
/** 1 while the watchdog has an inspector session, written by the watchdog. */
export const SESSION = 5;
/** How many words there are. */
export const wordCount = 6;

/** What the watchdog is started with. */
export interface WatchdogStart {
  readonly words: SharedWords;
  readonly port: MessagePort;
  /** A stall that is so long may have no end: the watchdog tells of it itself. */
  readonly speakAfterMs: number;
}

/** What the watchdog found out about the stall after the heartbeat `beat`. */
export interface StallNote {
  readonly beat: number;
  /** As it came from the engine; `undefined` when it could not be read. */
  readonly stack: string | undefined;
  readonly task: string | undefined;
  /** How long after it was asked for the stack was read. */
  readonly lateMs: number;
  /** Why there is no stack, as the rest of a sentence that begins "because". */
  readonly why: string;
}

/** The watchdog itself stood still for so long: the whole process did, so nobody's code is to blame. */
export interface FrozenNote {
  readonly frozenMs: number;
}

/** Where the watched thread says what its code is doing: a function of no arguments on `globalThis`, called by the watchdog's session. */
export const whatRunsKey = "brigade.what-runs";

/** What that function returns. */
export interface WhatRuns {
  readonly stack: string;
  readonly task: string | undefined;
}

/** Milliseconds on the one clock that all threads of a process share, as a word. */
export function beatNow(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return (seconds * 1_000 + Math.floor(nanoseconds / 1e6)) | 0;
}

/** Milliseconds between two such instants. */
export function beatsBetween(from: number, to: number): number {
  return (to - from) | 0;
}
