// No child outlives its parent. A child sees the end of its pipe and exits, but not while it spins in a loop, nor when it is
// stopped; and its own children see nothing. So on POSIX the first child brings a reaper: a tiny detached shell that holds a
// pipe from this program and is told the process groups. However this program ends, SIGKILL included, the pipe then ends, and
// the shell kills what is still registered. A watchdog inside the child is no substitute: it stops with a stopped child.
// Where there is no shell to be had, the children's own look at their pipe is all there is; Windows: watchdog.ts.
import type { ChildProcess } from "node:child_process";
import type { Writable } from "node:stream";
import { shortageOf } from "./shortage.ts";

// Signals meant for the program (a closed terminal, Ctrl-C) must not take the reaper before its work is done.
const script = `trap '' INT TERM HUP QUIT
groups=
while read -r line; do
  case $line in
    +*) groups="$groups \${line#+}" ;;
    -*) rest=
      for group in $groups; do [ "$group" = "\${line#-}" ] || rest="$rest $group"; done
      groups=$rest ;;
  esac
done
for group in $groups; do kill -9 "-$group"; done`;

/** A shell that ends at once will do so again. */
const maxStarts = 3;

/** Process groups of the children that run now. A group leaves when its child has ended, so that a number which the system
 *  gives out again is never killed by mistake. */
const groups = new Set<number>();
let pipe: Writable | undefined;
let starts = 0;

/** A child has been started: it dies with this program from now on. */
export function adopt(pid: number): void {
  if (groups.size === 0) process.on("exit", killAll);
  groups.add(pid);
  if (process.platform === "win32") return;
  if (pipe === undefined) startReaper();
  else pipe.write(`+${pid}\n`);
}

/** A child has ended. */
export function release(pid: number): void {
  if (!groups.delete(pid)) return;
  if (groups.size === 0) process.off("exit", killAll);
  pipe?.write(`-${pid}\n`);
}

/** Kills the child and on POSIX every process of its group, stopped ones included. On Windows its process tree. */
export function killTree(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform !== "win32") {
    if (!killGroup(pid)) child.kill("SIGKILL");
    return;
  }
  try {
    // Before the child itself, whose death would hide who its children are.
    const taskkill = process
      .getBuiltinModule("node:child_process")
      .spawn("taskkill", ["/PID", String(pid), "/T", "/F"], { stdio: "ignore", windowsHide: true });
    taskkill.on("error", () => child.kill());
    taskkill.on("exit", (code) => code !== 0 && child.kill());
    taskkill.unref();
  } catch {
    child.kill();
  }
}

/** SIGKILL to a process group; false when there is none (any more). */
export function killGroup(pid: number): boolean {
  try {
    return process.kill(-pid, "SIGKILL");
  } catch {
    return false;
  }
}

function killAll(): void {
  for (const pid of groups) {
    if (process.platform !== "win32") killGroup(pid);
    else {
      try {
        process.kill(pid);
      } catch {
        // Gone already.
      }
    }
  }
}

function startReaper(): void {
  if (starts === maxStarts) return;
  starts++;
  try {
    const shell = process.getBuiltinModule("node:child_process").spawn("/bin/sh", ["-c", script, "brigade-reaper"], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
      cwd: "/",
      env: { PATH: process.env["PATH"] },
    });
    shell.on("error", (error) => {
      // The next child asks for it again: there may be room for it by then.
      if (shortageOf(error) !== undefined) starts--;
    });
    if (shell.pid === undefined) return;
    const { stdin } = shell;
    const forget = (): void => {
      if (pipe === stdin) pipe = undefined;
    };
    shell.on("exit", forget);
    stdin.on("error", forget);
    shell.unref();
    (stdin as Writable & { unref?: () => void }).unref?.();
    pipe = stdin;
    for (const pid of groups) stdin.write(`+${pid}\n`);
  } catch {
    // Refused (permissions, limits): go on without.
  }
}
