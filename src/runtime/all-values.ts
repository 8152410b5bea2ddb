// What a worker starts without, and loads when an argument needs it: executors and channels, and the ends of pipes and descriptors.
import "./index.ts";
import "./ipc-values.ts";
