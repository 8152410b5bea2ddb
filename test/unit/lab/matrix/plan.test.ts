import assert from "node:assert/strict";
import { test } from "node:test";
import { experimentNamed, experimentsOf, matrixRows, rowsOf } from "../../../../src/lab/matrix/catalog.ts";
import { allMeans } from "../../../../src/lab/matrix/means/list.ts";
import { extents, matrixSteps } from "../../../../src/lab/matrix/plan.ts";

const extent = { ...extents.full, rounds: 3, onceRounds: 1 };

test("each experiment runs on each of its levels once a round, what is no matter of degree in the first only", () => {
  const experiments = experimentsOf(matrixRows);
  const steps = matrixSteps(experiments, extent, 7);
  for (const experiment of experiments) {
    for (const level of experiment.levels) {
      const rounds = steps.filter((step) => step.experiment === experiment && step.level === level).map(({ round }) => round);
      assert.deepEqual(rounds, experiment.once ? [0] : [0, 1, 2], `${experiment.id} ${level}`);
    }
  }
  const order = steps.map(({ round }) => round);
  assert.deepEqual(order, [...order].sort(), "a round ends before the next begins");
});

test("the order comes from the seed, and is another one in each round", () => {
  const names = (seed: number) =>
    matrixSteps(experimentsOf(matrixRows), extent, seed).map(({ experiment, level, round }) => `${round} ${experiment.id} ${level}`);
  assert.deepEqual(names(1), names(1));
  assert.notDeepEqual(names(1), names(2));
  const repeated = names(1).filter((name) => !/capacity|crash|loop/.test(name));
  const round = (n: number) => repeated.filter((name) => name.startsWith(`${n} `)).map((name) => name.slice(2));
  assert.notDeepEqual(round(1), round(2));
  assert.deepEqual(round(1).sort(), round(2).sort());
});

test("every row has an id of its own, a note, and an experiment that can be found by its id", () => {
  assert.equal(new Set(matrixRows.map(({ id }) => id)).size, matrixRows.length);
  for (const row of matrixRows) {
    assert.ok(row.note.endsWith("."), row.id);
    assert.ok([...row.title].length <= 26, `${row.title}: the table has room for 26 columns`);
    assert.equal(experimentNamed(row.experiment.id)?.id, row.experiment.id);
  }
  for (const { id } of allMeans) {
    assert.ok(matrixRows.some((row) => row.id === `ipc-latency-${id}`) && matrixRows.some((row) => row.id === `ipc-bandwidth-${id}`));
  }
});

test("rows are asked for by id, and come in the order of the table", () => {
  assert.deepEqual(
    rowsOf(["end", "create-cold"]).map(({ id }) => id),
    ["create-cold", "end"],
  );
  assert.equal(rowsOf(undefined), matrixRows);
  assert.throws(() => rowsOf(["create-hot"]), { name: "RangeError", message: /there is no row "create-hot"; rows are create-cold, / });
  assert.throws(() => rowsOf([]), { name: "RangeError", message: /no row given/ });
  assert.equal(experimentsOf(rowsOf(["end", "create-cold", "create-warm"])).length, 1, "rows of one experiment cost one");
});
