// A headless Chromium, driven over a pipe: for tests that look at pages as readers do. Absent on most machines; a test that needs it skips
// and says so.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

/** The browser's program, or undefined where there is none. `BRIGADE_CHROMIUM` names another. */
export function findChromium(): string | undefined {
  const names = [process.env["BRIGADE_CHROMIUM"], "chromium", "chromium-browser", "google-chrome"].filter(
    (name) => name !== undefined && name !== "",
  );
  return names.find((name) => spawnSync(name as string, ["--version"], { stdio: "ignore", timeout: 20_000 }).status === 0);
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: object;
  readonly result?: object;
  readonly error?: { readonly message: string };
}

/** An open page. */
export interface BrowserPage {
  /** What the page logged, and the requests it made, by URL. */
  readonly problems: string[];
  readonly requests: readonly string[];
  /** A command of the DevTools protocol. */
  send(method: string, params?: object): Promise<object>;
  /** Takes the problems out, once there is one: the browser's log comes when it comes. Rejects after 30 s. */
  nextProblems(): Promise<readonly string[]>;
  /** The value of an expression in the page; promises are awaited. */
  evaluate(expression: string): Promise<unknown>;
  close(): Promise<void>;
}

/** How a page is opened. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  readonly phone?: boolean;
}

/** Opens `url` and resolves when it has loaded. Rejects after 60 s. */
export async function openPage(program: string, url: string, { width, height, dark = false, phone = false }: Look): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), "brigade-chromium-"));
  const child = spawn(
    program,
    [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--remote-debugging-pipe",
      "--no-first-run",
      "--disable-background-networking",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    // a group of its own: its helpers outlive it by a moment otherwise, and go on writing into the profile
    { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"], detached: process.platform !== "win32" },
  );
  const connection = new Connection(child);
  const problems: string[] = [];
  const requests: string[] = [];
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("close", resolve));
      try {
        if (child.pid === undefined || process.platform === "win32") child.kill("SIGKILL");
        else process.kill(-child.pid, "SIGKILL");
      } catch {
        // it ended by itself just now
      }
      await ended;
    }
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };
  try {
    const { targetId } = (await connection.send("Target.createTarget", { url: "about:blank" })) as { targetId: string };
    const { sessionId } = (await connection.send("Target.attachToTarget", { targetId, flatten: true })) as { sessionId: string };
    const send = (method: string, params: object = {}) => connection.send(method, params, sessionId);
    const loaded = new Promise<void>((resolve) => {
      connection.onEvent = (method, params) => {
        if (method === "Page.loadEventFired") resolve();
        if (method === "Network.requestWillBeSent") requests.push((params as { request: { url: string } }).request.url);
        if (method === "Log.entryAdded") problems.push((params as { entry: { text: string } }).entry.text);
        if (method === "Runtime.exceptionThrown") problems.push(JSON.stringify(params));
      };
    });
    for (const domain of ["Page", "Network", "Log", "Runtime"]) await send(`${domain}.enable`);
    await send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: phone ? 2 : 1, mobile: phone });
    await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
    await send("Page.navigate", { url });
    await within(loaded, 60_000);
    const evaluate = async (expression: string): Promise<unknown> => {
      const answer = (await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true })) as {
        result: { value?: unknown };
        exceptionDetails?: unknown;
      };
      if (answer.exceptionDetails !== undefined) throw new Error(JSON.stringify(answer.exceptionDetails));
      return answer.result.value;
    };
    const nextProblems = async (): Promise<readonly string[]> => {
      for (const startedAt = performance.now(); problems.length === 0; await delay(10)) {
        if (performance.now() - startedAt > 30_000) throw new Error("The page has logged no problem.");
      }
      return problems.splice(0);
    };
    return { problems, requests, send, nextProblems, evaluate, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function within<R>(work: Promise<R>, ms: number): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The browser did not answer within ${ms} ms.`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Messages end with a zero byte, both ways. */
class Connection {
  onEvent: (method: string, params: object) => void = () => {};
  readonly #out: Writable;
  readonly #waiting = new Map<number, { resolve(value: object): void; reject(error: Error): void }>();
  #last = 0;

  constructor(child: ChildProcess) {
    this.#out = child.stdio[3] as Writable;
    let rest = "";
    const input = child.stdio[4] as Readable;
    input.setEncoding("utf8");
    input.on("data", (text: string) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.#take(JSON.parse(message) as Answer);
    });
    child.once("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("The browser has ended."));
      this.#waiting.clear();
    });
    // It may be gone while a message is on its way.
    this.#out.on("error", () => {});
  }

  send(method: string, params: object, sessionId?: string): Promise<object> {
    const id = ++this.#last;
    const answer = new Promise<object>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.#out.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return within(answer, 60_000);
  }

  #take({ id, method, params, result, error }: Answer): void {
    if (id === undefined) {
      this.onEvent(method ?? "", params ?? {});
      return;
    }
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result ?? {});
  }
}
