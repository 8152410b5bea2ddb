import { allFlipped, flips } from "./flip.ts";

flips(1, "holds", "does-not-hold-here");
flips(2, "holds", "does-not-hold-here");
flips(3, "holds", "does-not-hold-here");
// V8 needs a few hundred bytes; an engine that needs tens would be as right
flips(4, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(5, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(6, "holds", "does-not-hold-here");
flips(7, "holds", "does-not-hold-here");
flips(8, "holds", "does-not-hold-here");
flips(9, "holds", "does-not-hold-here");
flips(10, "holds", "does-not-hold-here");

allFlipped(1, 10);
