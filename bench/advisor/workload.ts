// What a workload of this benchmark is.

/** Families whose results may be looked at while the advisor is tuned. All others are held out. */
export const tuningFamilies = ["parsers", "compression", "passwords", "numeric", "network", "tiny", "markup"] as const;

/** One function of somebody's, and what it is called with. */
export interface Workload {
  /** Export of the module. */
  readonly name: string;
  /** The module in `work/`; workloads of one kind stand or fall together, so the split goes by it. */
  readonly family: string;
  /** The inputs, made or found when it is its turn. */
  inputs(material: Material): readonly unknown[];
}

/** What inputs are made of. */
export interface Material {
  /** Files of installed packages whose names end so, from `least` to `most` bytes, at most `count`, spread over all there are. */
  files(ending: string, least: number, most: number, count: number): readonly string[];
  /** A folder of every installed package, at most `count`. */
  folders(count: number): readonly string[];
  /** A file of this name, written by `make` unless it is there. */
  made(name: string, make: () => Uint8Array | string): string;
  /** Pictures as files of either format. */
  readonly encoders: { readonly jpeg: Encode; readonly png: Encode };
  /** The web server's address, without a slash at the end. */
  readonly server: string;
}

/** Four bytes a pixel in, a file out. */
export type Encode = (picture: { readonly width: number; readonly height: number; readonly data: Buffer }) => Uint8Array;

/** True where the family may be tuned on. */
export function isTuning(family: string): boolean {
  return tuningFamilies.some((known) => known === family);
}
