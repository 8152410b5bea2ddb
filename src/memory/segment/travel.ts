// How segments are named to others and found by their names, for whoever carries values and should not have to load the rest of this room.

/** How a segment is named to whoever is to open it. */
export interface SegmentReference {
  readonly pid: number;
  readonly descriptor: number;
  readonly bytes: number;
  /** The two words of its number. */
  readonly low: number;
  readonly high: number;
  /** Who gives it out. */
  readonly party: number;
}

const references = new WeakMap<ArrayBufferLike, () => SegmentReference>();
let open: ((reference: SegmentReference) => ArrayBufferLike) | undefined;

/** Notes how a buffer is named. */
export function setReference(buffer: ArrayBufferLike, reference: () => SegmentReference): void {
  references.set(buffer, reference);
}

/** Sets who finds segments. */
export function setOpener(opener: (reference: SegmentReference) => ArrayBufferLike): void {
  open = opener;
}

/** How a buffer is named to another process, or thread; `undefined` when it is no segment. It stays open until it has been opened there. */
export function segmentReference(buffer: ArrayBufferLike): SegmentReference | undefined {
  return references.get(buffer)?.();
}

/** The segment that a reference means; `undefined` where nothing of shared memory is loaded. Throws `UnsupportedError` when it is gone. */
export function openReference(reference: SegmentReference): ArrayBufferLike | undefined {
  return open?.(reference);
}
