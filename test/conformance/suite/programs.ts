import assert from "node:assert/strict";
import type { Case, Subject } from "../case.ts";
import { within } from "../ground.ts";
import { startProgram } from "../programs.ts";

const scenario = (name: string, title: string, lines: readonly string[], needs?: Case["needs"]): Case => ({
  name: title,
  ...(needs ? { needs } : {}),
  async run({ level }) {
    const { code, stdout, stderr } = await within(startProgram("alive", level, name).ended, "it ends by itself", 30_000);
    assert.equal(code, 0, stderr);
    assert.deepEqual(stdout.trim().split("\n"), lines);
  },
});

export const programs: Subject = {
  name: "whole programs",
  inPlace: false,
  cases: [
    scenario("idle", "idle workers do not keep it alive", ["main ended"]),
    scenario("warm", "warmed workers do not keep it alive", ["main ended"]),
    scenario("unjoined", "unjoined tasks keep it alive until they end", [
      "main ended",
      ...new Array<string>(4).fill("task ended: succeeded"),
    ]),
    scenario("daemon", "a daemon's task does not keep it alive", ["main ended"], ["workers"]),
    scenario("closed", "close ends everything", ["task ended: cancelled", "main ended"]),
    {
      name: "tagged output: each line is one worker's, whole, however it was written",
      needs: ["workers"],
      async run({ level }) {
        const { code, stdout, stderr } = await within(startProgram("tagged", level).ended, "it ends by itself", 30_000);
        assert.equal(code, 0, stderr);
        const [ofOut, ofErr] = [stdout, stderr].map((text) => text.trim().split("\n")) as [string[], string[]];
        for (const word of ["one", "two"]) {
          const tag = ofOut.find((line) => line.endsWith(`last words of ${word}`))?.slice(0, 6);
          assert.match(tag ?? "", /^\[w-[12]\] $/);
          const lines = (stream: string) => [...new Array(20).keys()].map((line) => `${tag}${stream} ${word} é${line}`);
          const own = (all: readonly string[]) => all.filter((line) => line.startsWith(tag as string));
          assert.deepEqual(own(ofOut), [...lines("stdout"), `${tag}last words of ${word}`]);
          assert.deepEqual(own(ofErr), lines("stderr"));
        }
        assert.deepEqual([ofOut.length, ofErr.length], [42, 40]);
      },
    },
    {
      name: "a failure that nobody observes raises unhandledRejection, and no other does",
      async run({ level }) {
        const { code, stdout, stderr } = await within(startProgram("unhandled", level).ended, "it ends by itself", 30_000);
        assert.equal(code, 0, stderr);
        assert.deepEqual(JSON.parse(stdout), ["item 13", "item 23", "item 3", "item 3"]);
      },
    },
  ],
};
