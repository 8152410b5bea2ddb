// The page's program. It reads the data of the page, which is text to it, and adds what markup cannot do: sorting and lanes.
import type { LaneData } from "../lanes.ts";
import { openLanes } from "./lanes-view.ts";
import { makeSortable } from "./tables.ts";

for (const table of document.querySelectorAll<HTMLTableElement>("table.sortable")) makeSortable(table);
const text = document.getElementById("data")?.textContent ?? "{}";
const { lanes } = JSON.parse(text) as { readonly lanes?: readonly LaneData[] };
const frame = document.getElementById("lanes-view");
if (frame && lanes) openLanes(frame, lanes);
