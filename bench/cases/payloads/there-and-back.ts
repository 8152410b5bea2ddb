// Workloads of one way to send and get back: objects many at a time, bytes one after the other.
import { perOperation } from "../../measure/per-operation.ts";
import type { Workload } from "../../measure/workload.ts";
import { lengths, objects } from "./values.ts";

/** Sends a value and resolves with what comes back. */
export type Echo = (value: unknown) => Promise<unknown>;

/** Objects that are under way at a time: enough that neither side waits for the other, so what counts is what each one costs. */
const underWay = 32;

const each = <T>(values: Readonly<Record<string, T>>, workloadFor: (value: T) => Workload): Readonly<Record<string, Workload>> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, workloadFor(value)]));

/** Workloads for objects; `open` is called once, in the program that measures. */
export function objectWorkloads(open: () => Echo): Readonly<Record<string, Workload>> {
  return each<unknown>(objects, (value) => (conditions) => {
    const echo = open();
    return perOperation(async (n) => {
      let left = n;
      const next = async (): Promise<void> => {
        while (left-- > 0) await echo(value);
      };
      await Promise.all(Array.from({ length: underWay }, next));
    })(conditions);
  });
}

/** Workloads for bytes: `make` gives those that are sent first, and what comes back is sent next. */
export function byteWorkloads(open: () => Echo, make: (length: number) => Uint8Array): Readonly<Record<string, Workload>> {
  return each<number>(lengths, (length) => async (conditions) => {
    const echo = open();
    let bytes: unknown = make(length).fill(7);
    const values = await perOperation(async (n) => {
      for (let i = 0; i < n; i++) bytes = await echo(bytes);
    })(conditions);
    if (!(bytes instanceof Uint8Array) || bytes.length !== length || bytes[length - 1] !== 7) {
      throw new TypeError("What came back are not the bytes that were sent.");
    }
    return values;
  });
}

/** Bytes of their own. */
export const ownBytes = (length: number): Uint8Array => new Uint8Array(length);
/** Bytes that both sides share. */
export const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));

/** Puts a prefix before the keys and a suffix behind. */
export function named(prefix: string, workloads: Readonly<Record<string, Workload>>, suffix = ""): Readonly<Record<string, Workload>> {
  return Object.fromEntries(Object.entries(workloads).map(([name, workload]) => [`${prefix}-${name}${suffix}`, workload]));
}
