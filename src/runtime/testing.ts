// The door for tests: `import { … } from "brigade/testing"`.
export { type Exploration, type ExploreOptions, exploreShared, replayShared } from "../testing/explore-shared.ts";
export { parseSchedule, type Schedule } from "../testing/schedule.ts";
export { type VirtualClock, withVirtualClock } from "../testing/virtual-clock.ts";
