import { allFlipped, flips } from "./flip.ts";

flips(28, "holds", "does-not-hold-here");
flips(29, "holds", "does-not-hold-here");
flips(30, "holds", "does-not-hold-here");
// that two never compute at once is certain only where a processor is free for it
flips(31, ["holds", "undecided"], "does-not-hold-here");
flips(32, "holds", ["does-not-hold-here", "undecided"]);
flips(33, "holds", "does-not-hold-here");
flips(34, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(35, "holds", "does-not-hold-here");
flips(36, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(37, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(38, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(39, "holds", "does-not-hold-here");
// where Linux groups by session, nice counts within one only
flips(40, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(41, ["holds", "holds-with-a-limit"], "does-not-hold-here");
flips(42, "holds", "does-not-hold-here");
flips(43, "holds", "does-not-hold-here");
flips(44, "holds-with-a-limit", "does-not-hold-here");
flips(45, "holds", "does-not-hold-here");

allFlipped(28, 45);
