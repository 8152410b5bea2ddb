// What this machine charges for each level, apart from any function: the constants of the cost model. Measured by calibrate.ts.

/** What a pool charges. Times in ms. */
export interface PoolCharges {
  /** A worker, from nothing to ready. */
  readonly startMs: number;
  /** One empty task, pipelined: what it costs on this thread, … */
  readonly hereMs: number;
  /** … and what one worker spends per task, from one to the next. */
  readonly thereMs: number;
  /** One empty task sent alone: there and back. */
  readonly aloneMs: number;
  /** A megabyte of bytes there and back, beyond coding it. */
  readonly megabyteMs: number;
  /** Resident memory of an idle worker. */
  readonly workerMB: number;
}

/** Universal Scalability Law: speed-up at N is N / (1 + contention (N − 1) + coherence N (N − 1)). */
export interface Scaling {
  readonly contention: number;
  readonly coherence: number;
}

/** The constants of the cost model on one machine. */
export interface MachineConstants {
  /** One empty task on a local level. */
  readonly serialMs: number;
  readonly coroutineMs: number;
  readonly thread: PoolCharges;
  readonly process: PoolCharges;
  /** Of plain computing on 1, 2, … processors. */
  readonly scaling: Scaling;
  /** Processors that this program may use. */
  readonly cores: number;
  /** Threads of libuv's pool: what zlib, crypto, DNS and files run on. */
  readonly poolThreads: number;
  /** Memory that workers may take in all. */
  readonly memoryMB: number;
}
