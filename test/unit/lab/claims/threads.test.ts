import { allFlipped, flips } from "./flip.ts";

flips(11, "holds-with-a-limit", "does-not-hold-here");
flips(12, "holds", "does-not-hold-here");
flips(13, "holds", "does-not-hold-here");
flips(14, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(15, "holds", "does-not-hold-here");
// that a lock keeps them apart is certain only where a processor is free
flips(16, "does-not-hold-here", ["holds", "undecided"]);
flips(17, "holds", "does-not-hold-here");
// Node refuses process.abort() in worker threads
flips(18, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(19, "holds", "does-not-hold-here");
flips(20, "holds", "does-not-hold-here");

allFlipped(11, 20);
