import assert from "node:assert/strict";
import { test } from "node:test";
import { sideRoad } from "../../../../src/channels/shared/side-road.ts";
import { thisThread } from "../../../../src/memory/this-thread.ts";

test("a channel that came again before its first stay was noticed to be over is still there", () => {
  const road = sideRoad();
  const needed = new Set<string>();
  road.join("again", () => needed);
  road.join("again", () => needed);
  const number = road.post("again", ["beside"]);
  needed.add(`${thisThread()}:${number}`);
  road.leave("again");
  needed.clear();
  assert.deepEqual(road.take("again", thisThread(), number), ["beside"]);
  road.leave("again");
});
