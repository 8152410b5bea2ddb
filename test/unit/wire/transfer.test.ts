import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { NotSerializableError } from "../../../src/contract/errors.ts";
import { cloneValue, decode, type EncodeOptions, encode, type Handle, transferList } from "../../../src/wire/codec.ts";

const result = { root: "result" } as const;

function refusal(value: unknown, options: EncodeOptions = result): NotSerializableError {
  try {
    encode(value, options);
  } catch (error) {
    assert.ok(error instanceof NotSerializableError, `encode threw ${String(error)}`);
    return error;
  }
  assert.fail("it was not refused");
}

describe("transfer", () => {
  test("a refused value leaves the buffers alone", () => {
    const buffer = new ArrayBuffer(4);
    refusal([buffer, () => 1], { ...result, transfer: [buffer] });
    assert.equal(buffer.byteLength, 4);
  });

  for (const sharesMemory of [true, false]) {
    test(`detaches here, listed but unused ones too (sharesMemory: ${sharesMemory})`, () => {
      const used = new Uint8Array([1, 2]).buffer;
      const unused = new ArrayBuffer(3);
      const encoded = encode({ view: new Uint8Array(used, 1), used }, { ...result, sharesMemory, transfer: [used, unused, used] });
      assert.deepEqual([used.byteLength, unused.byteLength], [0, 0]);
      assert.equal(encoded.attachments?.length, sharesMemory ? 1 : undefined);
      const arrived = decode(encoded) as { view: Uint8Array; used: ArrayBuffer };
      assert.equal(arrived.view.buffer, arrived.used);
      assert.deepEqual([...arrived.view], [2]);
    });
  }

  test("ports and moved buffers go through a real port", async () => {
    const link = new MessageChannel();
    const given = new MessageChannel();
    const bytes = new Uint8Array([5]);
    const shared = new SharedArrayBuffer(4);
    const encoded = encode({ port: given.port1, bytes, shared }, { ...result, sharesMemory: true, transfer: [given.port1, bytes.buffer] });
    try {
      const arrival = new Promise<unknown>((resolve) => link.port2.once("message", resolve));
      link.port1.postMessage(encoded, transferList(encoded));
      const arrived = decode((await arrival) as typeof encoded) as {
        port: typeof given.port1;
        bytes: Uint8Array;
        shared: SharedArrayBuffer;
      };
      assert.deepEqual([...arrived.bytes], [5]);
      new Uint8Array(shared)[0] = 9;
      assert.equal(new Uint8Array(arrived.shared)[0], 9);
      const greeting = new Promise<unknown>((resolve) => given.port2.once("message", resolve));
      arrived.port.postMessage("hello");
      assert.equal(await greeting, "hello");
      arrived.port.close();
    } finally {
      link.port1.close();
      given.port2.close();
    }
  });

  test("what cannot be moved is named", () => {
    const { port1, port2 } = new MessageChannel();
    const detached = new ArrayBuffer(1);
    structuredClone(detached, { transfer: [detached] });
    const lists: readonly unknown[][] = [[new Uint8Array(1)], [detached], [new SharedArrayBuffer(1)], ["text"], [null], [port1]];
    for (const list of lists) {
      const error = refusal(1, { ...result, transfer: list as EncodeOptions["transfer"] & object });
      assert.equal(error.path, "transfer[0]");
    }
    assert.equal(refusal(1, { ...result, sharesMemory: true, transfer: [{}] as unknown as ArrayBuffer[] }).path, "transfer");
    assert.equal(refusal({ port: port1 }, { ...result, sharesMemory: true }).path, "result.port", "a port that is not listed");
    port1.close();
    port2.close();
  });
});

describe("handles", () => {
  class Service {
    readonly id: number;
    constructor(id: number) {
      this.id = id;
    }
  }
  const services = new Map([[4, new Service(4)]]);
  const run = () => 1;
  const handles = {
    toHandle: (value: object): Handle | undefined =>
      value instanceof Service ? { kind: "service", id: value.id } : value === run ? { kind: "function", name: "run" } : undefined,
    fromHandle: (handle: Handle): unknown =>
      handle.kind === "function" ? run : (services.get(handle.id as number) ?? assert.fail("no such service")),
  };

  test("stand for objects and functions, once each", () => {
    const service = services.get(4);
    const arrived = cloneValue({ service, again: [service], run, runs: new Set([run]) }, { ...result, handles }) as {
      service: Service;
      again: Service[];
      run: unknown;
      runs: Set<unknown>;
    };
    assert.equal(arrived.service, service);
    assert.equal(arrived.again[0], service);
    assert.ok(arrived.run === run && arrived.runs.has(run));
  });

  test("without meaning on the other side are refused with their path", () => {
    const encoded = encode({ list: [1, new Service(5)] }, { ...result, handles });
    for (const options of [{ root: "result" as const }, { root: "result" as const, handles }]) {
      assert.throws(
        () => decode(encoded, options),
        (error) => error instanceof NotSerializableError && error.path === "result.list[1]",
      );
    }
  });

  test("a hook that throws is a refusal", () => {
    const thrown = new Error("no");
    const failing = {
      toHandle: () => {
        throw thrown;
      },
    };
    assert.equal(refusal([new Service(1)], { ...result, handles: failing }).cause, thrown);
  });
});
