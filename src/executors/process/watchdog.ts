// Windows only, where there is no shell to reap: a thread inside the child looks whether the parent lives. It works while the
// child's main thread spins. It holds neither the child nor anything else alive.
import { Worker } from "node:worker_threads";

const source = `
const { workerData } = require("node:worker_threads");
setInterval(() => {
  try { process.kill(workerData, 0); } catch (error) { if (error.code === "ESRCH") process.kill(process.pid, "SIGKILL"); }
}, 250);
`;

/** Ends this process soon after its parent. Does nothing except on Windows, or where a worker is refused. */
export function watchParent(): void {
  if (process.platform !== "win32") return;
  try {
    const worker = new Worker(source, { eval: true, workerData: process.ppid, execArgv: [], env: {} });
    worker.on("error", () => worker.unref());
    worker.unref();
  } catch {
    // Refused by permissions: the end of the pipe is all that tells, then.
  }
}
