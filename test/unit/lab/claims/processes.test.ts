import { allFlipped, flips } from "./flip.ts";

flips(21, "holds", "does-not-hold-here");
flips(22, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(23, "holds", "does-not-hold-here");
flips(24, ["holds", "holds-with-a-limit"], ["does-not-hold-here", "undecided"]);
flips(25, "holds", "does-not-hold-here");
flips(26, "holds", ["does-not-hold-here", "undecided"]);
flips(27, "does-not-hold-here", ["holds", "undecided"]);

allFlipped(21, 27);
