// The lanes on the page: a canvas, what moves it, and what is told of what is pointed at. Draws once per frame, and only when something changed.
import { duration, grouped } from "../../text/units.ts";
import type { LaneData } from "../lanes.ts";
import { type Band, draw, layOut, type Palette } from "./draw.ts";
import { endOf, groupOf, mostBetween, spanAt } from "./model.ts";
import { moved, type TimeWindow, within, zoomed } from "./window.ts";

const step = 0.6;

/** Brings the frame to life. */
export function openLanes(frame: HTMLElement, data: readonly LaneData[]): void {
  const canvas = frame.querySelector("canvas");
  const context = canvas?.getContext("2d");
  if (!canvas || !context || data.length === 0) return;
  const told = frame.querySelector("output");
  const under = frame.querySelector(".under");
  const groups = data.map(groupOf);
  const end = endOf(groups);
  const layout = layOut(groups);
  let view: TimeWindow = within(0, end, end);
  let width = 0;
  let pointed: { readonly band: Band; readonly time: number } | undefined;
  let asked = false;
  let palette = readPalette();

  const change = (next: TimeWindow) => {
    view = next;
    render();
  };
  const render = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint();
    });
  };
  const paint = () => {
    const item = pointed && spanUnder(pointed.band, pointed.time, slack())?.item;
    draw(context, layout, width, view, palette, item);
    const text = `${duration(view.from / 1000)} – ${duration(view.to / 1000)}`;
    if (told && told.textContent !== text) told.textContent = text;
  };
  const slack = () => ((view.to - view.from) / Math.max(1, width)) * 1.5;
  const resize = () => {
    const ratio = Math.min(3, devicePixelRatio || 1);
    width = canvas.clientWidth;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(layout.height * ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    render();
  };
  const recolour = () => {
    palette = readPalette();
    // Now, and not with the next frame: printing does not wait for one.
    paint();
  };

  canvas.style.height = `${layout.height}px`;
  new ResizeObserver(resize).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["theme"] = "light";
    recolour();
  });
  addEventListener("afterprint", () => {
    delete document.documentElement.dataset["theme"];
    recolour();
  });

  const act: Readonly<Record<string, () => void>> = {
    in: () => change(zoomed(view, step, 0.5, end)),
    out: () => change(zoomed(view, 1 / step, 0.5, end)),
    left: () => change(moved(view, -0.25, end)),
    right: () => change(moved(view, 0.25, end)),
    all: () => change(within(0, end, end)),
  };
  frame.querySelector(".tools")?.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("button") : null;
    act[button?.dataset["do"] ?? ""]?.();
  });
  const keys: Readonly<Record<string, string>> = { "+": "in", "=": "in", "-": "out", ArrowLeft: "left", ArrowRight: "right", "0": "all" };
  canvas.addEventListener("keydown", (event) => {
    const action = act[keys[event.key] ?? ""];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      const zooms = event.ctrlKey || event.metaKey;
      // Without a key the page scrolls, as everywhere; sideways moves the picture.
      if (!zooms && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      if (zooms) change(zoomed(view, Math.exp(event.deltaY * lines * 0.004), event.offsetX / width, end));
      else change(moved(view, (event.deltaX * lines) / width, end));
    },
    { passive: false },
  );

  const touches = new Map<number, number>();
  const tell = (event: PointerEvent) => {
    const band = layout.bands.find(({ top, height }) => event.offsetY >= top && event.offsetY < top + height);
    const time = view.from + ((view.to - view.from) * event.offsetX) / width;
    pointed = band && { band, time };
    if (under) under.textContent = band ? inWords(band, time, slack()) : "";
    render();
  };
  canvas.addEventListener("pointerdown", (event) => {
    touches.set(event.pointerId, event.offsetX);
    canvas.setPointerCapture(event.pointerId);
    tell(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = touches.get(event.pointerId);
    if (before === undefined) {
      tell(event);
      return;
    }
    const [other] = [...touches].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
    touches.set(event.pointerId, event.offsetX);
    if (other === undefined) change(moved(view, (before - event.offsetX) / width, end));
    else if (Math.abs(event.offsetX - other) > 4) {
      const factor = Math.abs(before - other) / Math.abs(event.offsetX - other);
      change(zoomed(view, Math.min(4, Math.max(0.25, factor)), (event.offsetX + other) / 2 / width, end));
    }
  });
  for (const name of ["pointerup", "pointercancel"] as const) canvas.addEventListener(name, ({ pointerId }) => touches.delete(pointerId));
  canvas.addEventListener("pointerleave", () => {
    pointed = undefined;
    if (under) under.textContent = "";
    render();
  });
  resize();
}

function spanUnder(
  { lane }: Band,
  time: number,
  slack: number,
): { readonly item: number; readonly from: number; readonly to: number } | undefined {
  const i = lane && spanAt(lane, time, slack);
  if (lane === undefined || i === undefined) return undefined;
  return { item: lane.items[i] ?? 0, from: lane.starts[i] ?? 0, to: lane.ends[i] ?? 0 };
}

function inWords(band: Band, time: number, slack: number): string {
  const { group, lane } = band;
  if (group.crowd) return `${group.title}, at ${duration(time / 1000)}: ${grouped(mostBetween(group.crowd, time, time + slack))} at once`;
  const span = spanUnder(band, time, slack);
  const where = `${group.title} · ${lane?.worker ?? ""}`;
  return span === undefined
    ? `${where}: nothing at ${duration(time / 1000)}`
    : `${where} · item ${grouped(span.item + 1)}: ${duration((span.to - span.from) / 1000)}, from ${duration(span.from / 1000)} to ${duration(span.to / 1000)}`;
}

function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string) => style.getPropertyValue(name).trim();
  const levels = new Map<string, string>();
  return {
    text: value("--text"),
    quiet: value("--quiet"),
    line: value("--line"),
    track: value("--track"),
    ink: value("--ink"),
    level(name) {
      let color = levels.get(name);
      if (color === undefined) {
        color = value(/^[a-z]+$/.test(name) ? `--${name}` : "--quiet") || value("--quiet");
        levels.set(name, color);
      }
      return color;
    },
  };
}
