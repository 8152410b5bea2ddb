// Whose line is it: what workers write, in whatever pieces it comes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { longestLine, Output } from "../../../src/executors/pool/output.ts";

/** Runs `play` and gives what reached this program's streams meanwhile. */
function written(play: (output: Output) => void, mode: "tag" | "inherit" | "ignore" = "tag"): { stdout: string; stderr: string } {
  const got = { stdout: "", stderr: "" };
  const { stdout, stderr } = process;
  const writes = { stdout: stdout.write, stderr: stderr.write };
  for (const name of ["stdout", "stderr"] as const) {
    process[name].write = ((text: string) => {
      got[name] += text;
      return true;
    }) as typeof stdout.write;
  }
  try {
    play(new Output(mode, "w-1"));
  } finally {
    stdout.write = writes.stdout;
    stderr.write = writes.stderr;
  }
  return got;
}

test("each line is tagged once, whatever the pieces it comes in", () => {
  const text = "one\n\ntwo three\nfour\n";
  for (let size = 1; size <= text.length; size++) {
    const { stdout } = written((output) => {
      for (let at = 0; at < text.length; at += size) output.write("stdout", text.slice(at, at + size));
    });
    assert.equal(stdout, "[w-1] one\n[w-1] \n[w-1] two three\n[w-1] four\n", `pieces of ${size}`);
  }
});

test("an unfinished line waits for its end, each stream for its own, and ends with the worker", () => {
  const before = written((output) => {
    output.write("stdout", "half ");
    output.write("stderr", "an error ");
  });
  assert.deepEqual(before, { stdout: "", stderr: "" });
  const all = written((output) => {
    output.write("stdout", "half ");
    output.write("stderr", "an error ");
    output.write("stdout", "a line\nrest");
    output.end();
    output.end();
  });
  assert.deepEqual(all, { stdout: "[w-1] half a line\n[w-1] rest\n", stderr: "[w-1] an error \n" });
});

test("a line without an end is passed on in pieces of the greatest length, each tagged", () => {
  const piece = "x".repeat(60_000);
  const pieces = Math.ceil((2.5 * longestLine) / piece.length);
  const { stdout } = written((output) => {
    for (let n = 0; n < pieces; n++) output.write("stdout", piece);
    output.write("stdout", "\nshort\n");
  });
  const lines = stdout.split("\n");
  assert.deepEqual(
    lines.map((line) => line.length),
    [6 + longestLine, 6 + longestLine, 6 + pieces * piece.length - 2 * longestLine, "[w-1] short".length, 0],
  );
  assert.equal(
    lines.slice(0, 3).every((line) => /^\[w-1\] x+$/.test(line)),
    true,
  );
});

test("a character of two halves is never cut", () => {
  for (const lead of ["", "x"]) {
    const { stdout } = written((output) => {
      output.write("stdout", lead + "😀".repeat(longestLine));
      output.end();
    });
    const lines = stdout.split("\n").slice(0, -1);
    assert.equal(lines.length, lead === "" ? 2 : 3);
    assert.equal(
      lines.some((line) => /\p{Surrogate}/u.test(line)),
      false,
    );
    assert.equal(lines.map((line) => line.slice(6)).join(""), lead + "😀".repeat(longestLine));
  }
});

test("a line as long as the bound is whole", () => {
  const line = "y".repeat(longestLine);
  assert.equal(written((output) => output.write("stdout", `${line}\n`)).stdout, `[w-1] ${line}\n`);
});

test("inherit passes on what comes as it comes, ignore nothing", () => {
  const play = (output: Output): void => {
    output.write("stdout", "a\nhal");
    output.write("stderr", "f");
    output.end();
  };
  assert.deepEqual(written(play, "inherit"), { stdout: "a\nhal", stderr: "f" });
  assert.deepEqual(written(play, "ignore"), { stdout: "", stderr: "" });
});
