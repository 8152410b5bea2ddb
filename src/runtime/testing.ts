// The door for tests: `import { … } from "brigade/testing"`.
export { type VirtualClock, withVirtualClock } from "../testing/virtual-clock.ts";
