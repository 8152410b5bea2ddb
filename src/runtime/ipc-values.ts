// Ends of pipes and descriptors travel between processes and threads. A worker loads this with its boot file, so that it understands an
// argument whose class the task's own module never names.
import "../ipc/descriptor.ts";
import "../ipc/pipe-faces.ts";
