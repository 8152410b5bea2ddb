// What a pool does to those who have nothing to do with it: timers inside its workers, and the processor while nobody asks for anything.
import { type Suite, subjectsOf } from "./suite.ts";

const { brigade, limit } = subjectsOf("threads-idle");

export const threadsIdle: Suite = {
  name: "threads-idle",
  cases: [
    {
      id: "timer-lateness",
      what: "by how much a timer of 5 ms is late inside a worker that does nothing else",
      unit: "µs",
      better: "lower",
      sizes: [1],
      subjects: [brigade(), limit("a timer in a plain worker", "lateness")],
      goals: [],
    },
    {
      id: "timer-lateness-loaded",
      what: "the same while 100 tiny tasks are always waiting for that worker",
      unit: "µs",
      better: "lower",
      sizes: [1],
      subjects: [brigade(), limit("a timer in a plain worker that is idle", "lateness")],
      goals: [],
    },
    {
      id: "idle-cpu",
      what: "processor time in a second of a program that keeps two warm workers open",
      unit: "µs",
      better: "lower",
      sizes: [2],
      subjects: [brigade(), limit("two plain workers", "idle-cpu")],
      goals: [],
    },
  ],
};
