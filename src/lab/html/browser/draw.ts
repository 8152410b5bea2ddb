// Drawing of the lanes: a bar where it is wide enough to be seen, else a column of one pixel whose shade says how busy the lane was. So the work of a frame
// depends on the pixels, not on the spans.
import { duration } from "../../text/units.ts";
import { roundTicks } from "../charts/scale.ts";
import { busyBetween, type Crowd, firstAbove, type Group, type Lane, mostBetween } from "./model.ts";
import type { TimeWindow } from "./window.ts";

/** Colours, read from the style sheet. */
export interface Palette {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly track: string;
  readonly ink: string;
  level(name: string): string;
}

/** Where a lane is drawn. */
export interface Band {
  readonly group: Group;
  /** `undefined` for a crowd. */
  readonly lane: Lane | undefined;
  readonly top: number;
  readonly height: number;
}

/** The places of all groups, from the top. */
export interface Layout {
  readonly bands: readonly Band[];
  readonly titles: readonly { readonly text: string; readonly level: string; readonly baseline: number }[];
  readonly height: number;
}

const rulerHeight = 26;
const titleHeight = 24;
const laneHeight = 16;
const laneGap = 3;
const crowdHeight = 64;
const groupGap = 10;
const shades = 8;

/** Lays the groups out below the ruler. */
export function layOut(groups: readonly Group[]): Layout {
  const bands: Band[] = [];
  const titles: { text: string; level: string; baseline: number }[] = [];
  let top = rulerHeight;
  for (const group of groups) {
    const about = group.crowd === undefined ? "" : ` · up to ${group.crowd.most} at once`;
    titles.push({ text: group.title + about, level: group.level, baseline: top + 17 });
    top += titleHeight;
    if (group.crowd) {
      bands.push({ group, lane: undefined, top, height: crowdHeight });
      top += crowdHeight;
    }
    for (const lane of group.lanes) {
      bands.push({ group, lane, top, height: laneHeight });
      top += laneHeight + laneGap;
    }
    top += groupGap;
  }
  return { bands, titles, height: top };
}

/** A picture of `width` pixels of the page. `pointed` is an item that stands out wherever it is. */
export function draw(
  context: CanvasRenderingContext2D,
  { bands, titles, height }: Layout,
  width: number,
  view: TimeWindow,
  palette: Palette,
  pointed: number | undefined,
): void {
  context.clearRect(0, 0, width, height);
  drawRuler(context, width, height, view, palette);
  context.font = `600 13px ${fonts}`;
  for (const { text, baseline, level } of titles) {
    context.fillStyle = palette.level(level);
    context.fillRect(0, baseline - 10, 4, 12);
    context.fillStyle = palette.text;
    context.fillText(text, 10, baseline);
  }
  for (const { group, lane, top, height: tall } of bands) {
    context.fillStyle = palette.track;
    context.fillRect(0, top, width, tall);
    const color = palette.level(group.level);
    if (lane) drawLane(context, lane, top, tall, width, view, palette, color, pointed);
    else if (group.crowd) drawCrowd(context, group.crowd, top, tall, width, view, color);
  }
}

const fonts = "system-ui, sans-serif";

function drawRuler(context: CanvasRenderingContext2D, width: number, height: number, view: TimeWindow, palette: Palette): void {
  context.font = `12px ${fonts}`;
  context.textBaseline = "alphabetic";
  const scale = width / (view.to - view.from);
  for (const tick of roundTicks(view.from, view.to, Math.max(2, Math.floor(width / 110)))) {
    const x = Math.round((tick - view.from) * scale);
    context.fillStyle = palette.line;
    context.fillRect(x, rulerHeight - 8, 1, height - rulerHeight);
    const text = duration(tick / 1000).replace(/\.0+(?!\d)/, "");
    context.fillStyle = palette.quiet;
    context.fillText(text, Math.min(x + 3, width - context.measureText(text).width), 14);
  }
}

/** The labels that fit, and the bars of both tones. Bars are filled by tone, all at once: changing the colour is what costs. */
function drawLane(
  context: CanvasRenderingContext2D,
  lane: Lane,
  top: number,
  height: number,
  width: number,
  view: TimeWindow,
  palette: Palette,
  color: string,
  pointed: number | undefined,
): void {
  const { starts, ends, items } = lane;
  const scale = width / (view.to - view.from);
  const columns: number[][] = Array.from({ length: shades + 1 }, () => []);
  const bars: [number[], number[]] = [[], []];
  const labels: { text: string; x: number }[] = [];
  const outlined: number[] = [];
  for (let i = firstAbove(ends, view.from); i < starts.length; ) {
    const start = starts[i] ?? 0;
    if (start > view.to) break;
    const x = Math.max(-1, (start - view.from) * scale);
    const right = Math.min(width + 1, ((ends[i] ?? 0) - view.from) * scale);
    if (right - x >= 2) {
      const item = items[i] ?? 0;
      bars[item % 2 === 0 ? 0 : 1].push(x, right - x);
      if (right - x > 34) labels.push({ text: String(item + 1), x: Math.max(0, x) + 5 });
      if (item === pointed) outlined.push(x, right - x);
      i++;
    } else {
      const column = Math.floor(x);
      const from = view.from + column / scale;
      const to = view.from + (column + 1) / scale;
      const share = busyBetween(lane, from, to) / (to - from);
      columns[Math.max(1, Math.round(Math.min(1, share) * shades))]?.push(column, 1);
      i = Math.max(i + 1, firstAbove(ends, to));
    }
  }
  context.fillStyle = color;
  const fill = (list: readonly number[], alpha: number) => {
    if (list.length === 0) return;
    context.globalAlpha = alpha;
    context.beginPath();
    for (let k = 0; k < list.length; k += 2)
      context.rect(list[k] ?? 0, top, Math.max(1, (list[k + 1] ?? 0) - ((list[k + 1] ?? 0) > 6 ? 1 : 0)), height);
    context.fill();
  };
  for (const [shade, list] of columns.entries()) fill(list, 0.15 + (0.85 * shade) / shades);
  fill(bars[0], 1);
  fill(bars[1], 0.72);
  context.globalAlpha = 1;
  context.fillStyle = palette.ink;
  context.font = `11px ${fonts}`;
  for (const { text, x } of labels) context.fillText(text, x, top + height - 4);
  context.strokeStyle = palette.text;
  context.lineWidth = 2;
  for (let k = 0; k < outlined.length; k += 2)
    context.strokeRect((outlined[k] ?? 0) + 1, top + 1, Math.max(2, (outlined[k + 1] ?? 0) - 3), height - 2);
}

function drawCrowd(
  context: CanvasRenderingContext2D,
  crowd: Crowd,
  top: number,
  height: number,
  width: number,
  view: TimeWindow,
  color: string,
): void {
  const scale = width / (view.to - view.from);
  context.fillStyle = color;
  context.beginPath();
  for (let x = 0; x < width; x++) {
    const from = view.from + x / scale;
    const tall = (mostBetween(crowd, from, from + 1 / scale) / crowd.most) * height;
    if (tall > 0) context.rect(x, top + height - tall, 1, tall);
  }
  context.fill();
}
