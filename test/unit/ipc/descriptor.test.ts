// Open files as arguments.
import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Executor, NotSerializableError, openProcesses, openThreads, UnsupportedError, WorkerLostError } from "brigade";
import { descriptor } from "brigade/unstable/ipc";
import { descriptors, here } from "./support.ts";
import * as tasks from "./tasks.ts";

test("elsewhere it says what can be given instead", { skip: here }, () => {
  assert.throws(() => descriptor(0), UnsupportedError);
});

describe("a descriptor", { skip: !here }, () => {
  let pool: Executor & AsyncDisposable;
  let folder: string;
  before(() => {
    pool = openProcesses({ size: 1 });
    folder = mkdtempSync(join(tmpdir(), "brigade-fd-test-"));
  });
  after(async () => {
    await pool[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  test("is the same file in another process and on a thread, deleted or not", async () => {
    const path = file("a", "what is in it");
    const fd = openSync(path, "r");
    rmSync(path);
    await using threads = openThreads({ size: 1 });
    assert.equal(await pool.run(tasks.readAll, descriptor(fd)), "what is in it");
    assert.equal(await threads.run(tasks.readAll, descriptor(fd)), "what is in it");
    // It was read from its own position, and is open here.
    assert.equal(readFileSync(fd, "utf8"), "what is in it");
    closeSync(fd);
  });

  test("brings the rights that it was opened with, and no more", async () => {
    const path = file("b", "first ");
    const handle = await open(path, "a");
    assert.equal(await pool.run(tasks.append, descriptor(handle), "second"), 6);
    assert.equal(readFileSync(path, "utf8"), "first second");
    await handle.close();
    const reading = openSync(path, "r");
    assert.equal(await pool.run(tasks.tryWrite, descriptor(reading)), "EBADF");
    closeSync(reading);
  });

  test("is closed where it has arrived, once, and stays open here", async () => {
    const fd = openSync(file("c", ""), "r");
    assert.equal(await pool.run(tasks.closeTwice, descriptor(fd)), 1);
    const given = descriptor(fd);
    given.close();
    assert.equal(readFileSync(fd, "utf8"), "");
    await assert.rejects(pool.run(tasks.readAll, given), /a descriptor that is closed/);
    closeSync(fd);
  });

  test("opens nothing here, whatever becomes of the child", async () => {
    const fd = openSync(file("d", "d"), "r");
    const open = descriptors().filter((path) => path.startsWith(folder)).length;
    for (let round = 0; round < 2; round++) {
      await assert.rejects(pool.run(tasks.take, new tasks.Poison(), descriptor(fd)), WorkerLostError);
      assert.equal(descriptors().filter((path) => path.startsWith(folder)).length, open);
    }
    closeSync(fd);
  });

  test("that was closed or is another file by then is not to be had", async () => {
    await using busy = openProcesses({ size: 1 });
    const path = file("e", "secret");
    const fd = openSync(path, "r");
    const given = busy.run(tasks.readAll, descriptor(fd));
    closeSync(fd);
    // Most likely the same number again.
    const other = openSync(file("f", "other"), "r");
    await assert.rejects(given, (error: Error) =>
      /is not to be had/.test(`${error.message} ${(error.cause as Error | undefined)?.message}`),
    );
    closeSync(other);
  });

  test("sockets, closed files and what is no file are refused by name", async () => {
    const server = createServer().listen(join(folder, "s"));
    await new Promise((resolve) => server.once("listening", resolve));
    const { fd } = (server as unknown as { readonly _handle: { readonly fd: number } })._handle;
    await assert.rejects(pool.run(tasks.take, descriptor(fd)), (error: Error) => {
      return error instanceof NotSerializableError && /a socket, which no other process can open/.test(error.message);
    });
    server.close();
    await assert.rejects(pool.run(tasks.take, descriptor(99_999)), /whose file is closed/);
    for (const nothing of [-1, 1.5, "0", {}, undefined, { fd: undefined } as unknown as Socket]) {
      assert.throws(() => descriptor(nothing as never), TypeError);
    }
  });
});
