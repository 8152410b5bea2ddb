// What is done to the lines of a channel besides serving their heads.
import type { LineNode } from "../core/parked.ts";
import type { ParkingLot } from "../core/parking-lot.ts";

/** Who asks to be served or to serve, as far as it matters whose case it is. */
export type Party = Pick<LineNode<never, never>, "select">;

/** How many may be served now. The cases of a select between two rounds keep their place and are not waiting. */
export function waitingIn(line: Iterable<{ readonly ready: boolean }>): number {
  let count = 0;
  for (const node of line) if (node.ready) count++;
  return count;
}

/** Takes all that `concerns` names out of a line and ends them. A case of a select may take others of its select out of the
 *  same line when it ends, so each search begins anew. */
export function removeEach<T, P>(
  line: ParkingLot<T, P>,
  concerns: (node: LineNode<T, P>) => boolean,
  end: (node: LineNode<T, P>) => void,
): void {
  for (let node = find(line, concerns); node !== undefined; node = find(line, concerns)) {
    line.remove(node);
    end(node);
  }
}

function find<T, P>(line: ParkingLot<T, P>, concerns: (node: LineNode<T, P>) => boolean): LineNode<T, P> | undefined {
  for (const node of line) if (concerns(node)) return node;
  return undefined;
}
