// A worker starts without what most tasks do not use; a value that needs more says so when it is decoded.

/** A value names something of brigade's own that this thread has not loaded. It stands as the cause of the `NotSerializableError`. */
export class PartAbsent extends TypeError {}

/** Classes of brigade's own are registered under names that begin so. */
export const ownPrefix = "brigade.";
