// Programs that stand in for the matrix's own, and a guard that remembers them.
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProgramSettings } from "../../../../src/lab/compare/program.ts";
import { matrixProgram } from "../../../../src/runtime/lab.ts";

/** Settings whose every program is noted. */
export interface Noted extends ProgramSettings {
  readonly pids: number[];
}

/** Notes what `settings` starts. */
export function noting(settings: ProgramSettings, onStart: () => void = () => {}): Noted {
  const pids: number[] = [];
  return {
    ...settings,
    pids,
    guard: {
      adopt(pid) {
        pids.push(pid);
        settings.guard.adopt(pid);
        onStart();
      },
      release: (pid) => settings.guard.release(pid),
      kill: (child: ChildProcess) => settings.guard.kill(child),
    },
  };
}

/** A program made of this code, in which `job` is what it was asked to do and `say(message)` resolves when it is said. */
export function standIn(code: string): { readonly settings: ProgramSettings; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "brigade-stand-in-"));
  const entry = join(folder, "program.mjs");
  writeFileSync(
    entry,
    `import { deserialize } from "node:v8";
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const job = deserialize(Buffer.concat(chunks));
const say = (message) => new Promise((resolve) => process.send(message, resolve));
await say({ type: "alive" });
${code}`,
  );
  return { settings: { ...matrixProgram(), entry }, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
