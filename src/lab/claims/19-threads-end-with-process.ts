import { spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { Worker } from "node:worker_threads";
import { sleep } from "../../core/waiting.ts";
import { doesNotHold, experiment, holds } from "./experiment.ts";

const variable = "BRIGADE_CLAIM_DIARY";
/** Writes to its diary as long as it lives, but no longer than a few seconds. */
const diarist = `const { appendFileSync } = require("node:fs");
setInterval(() => appendFileSync(process.env.${variable}, "."), 5);
setTimeout(() => process.exit(), 4000);`;

export const threadsEndWithProcess = experiment({
  id: 19,
  statement: "Threads cannot outlive their process.",
  tried: "A thread writes to a file every 5 ms; its program kills itself; does the file still grow?",
  opposite: "A detached process of the program writes.",
  async run({ program }) {
    const folder = mkdtempSync(join(tmpdir(), "brigade-claim-"));
    const diary = join(folder, "diary");
    writeFileSync(diary, "");
    env[variable] = diary;
    try {
      const end = await program("leave");
      const atTheEnd = statSync(diary).size;
      let after = atTheEnd;
      for (let look = 0; look < 20 && after === atTheEnd; look++) {
        await sleep(20);
        after = statSync(diary).size;
      }
      return { killed: "failure" in end ? 1 : 0, writtenBefore: atTheEnd, writtenAfterwards: after - atTheEnd };
    } finally {
      // a folder that is gone ends a writer, too; renamed first, it cannot be written to between two steps of its removal
      const over = `${folder}.over`;
      renameSync(folder, over);
      rmSync(over, { recursive: true, force: true });
    }
  },
  parts: {
    async leave(_kit, variant) {
      if (variant === "claimed") new Worker(diarist, { eval: true });
      else spawn(execPath, ["-e", diarist], { detached: true, stdio: "ignore" }).unref();
      while (statSync(env[variable] ?? "").size < 3) await sleep(5);
      process.kill(process.pid, "SIGKILL");
      return await new Promise<never>(() => {});
    },
  },
  judge({ killed, writtenBefore, writtenAfterwards }) {
    const seen = `${writtenBefore} entries before the program was killed, ${writtenAfterwards} afterwards.`;
    return killed === 1 && writtenBefore > 0 && writtenAfterwards === 0 ? holds(seen) : doesNotHold(seen);
  },
});
