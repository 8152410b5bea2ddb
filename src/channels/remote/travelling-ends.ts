// Ends that go from process to process. An end is one thing however many have it: whoever closes it closes it. It is *held* by sides of
// links, and closed when all that held it are gone. Giving it away hands it over: once everything that was given has arrived, the giver
// holds it no more; what never arrives stays with its giver.
import { type AnyCore, type AnyEnd, randomName } from "./naming.ts";

let name: string | undefined;

/** This thread, among those that hold ends. */
export function here(): string {
  name ??= randomName();
  return name;
}

interface Travelling {
  readonly core: AnyCore;
  readonly end: AnyEnd;
  /** Who holds it, and how often each has given it away without its having arrived. */
  readonly holders: Map<string, number>;
}

const byId = new Map<string, Travelling>();
const ids = new WeakMap<object, string>();

/** How many ends of this thread are known elsewhere. */
export function travellingEnds(): number {
  return byId.size;
}

/** What an end is called on its way. */
export interface EndHandle {
  readonly end: string;
  readonly giver: string;
}

function enter(core: AnyCore, end: AnyEnd, id: string, holder: string): Travelling {
  const travelling: Travelling = { core, end, holders: new Map([[holder, 0]]) };
  byId.set(id, travelling);
  ids.set(end, id);
  return travelling;
}

/** An end goes away from here; one that is closed arrives closed. */
export function giveEnd(core: AnyCore, end: AnyEnd): EndHandle {
  if (end.closed) return { end: "", giver: "" };
  const id = ids.get(end) ?? randomName();
  const { holders } = byId.get(id) ?? enter(core, end, id, here());
  holders.set(here(), (holders.get(here()) ?? 0) + 1);
  return { end: id, giver: here() };
}

/** The name under which an end has travelled. */
export function nameOfEnd(end: AnyEnd): string | undefined {
  return ids.get(end);
}

/** The end of that name, if this thread knows it. */
export function knownEnd(core: AnyCore, id: string): AnyEnd | undefined {
  const known = byId.get(id);
  return known?.core === core ? known.end : undefined;
}

/** An end that was not known here has arrived. */
export function meetEnd(core: AnyCore, end: AnyEnd, id: string): void {
  enter(core, end, id, here());
}

/** A side that made an end gives it away: from now on it is known by name. */
export function noteGiven(core: AnyCore, end: AnyEnd, id: string, giver: string): void {
  if (end.closed) return;
  const { holders } = byId.get(id) ?? enter(core, end, id, giver);
  holders.set(giver, (holders.get(giver) ?? 0) + 1);
}

/** An end has arrived at a holder. */
export function noteArrived(id: string, giver: string, holder: string): void {
  const holders = byId.get(id)?.holders;
  if (holders === undefined) return;
  const given = (holders.get(giver) ?? 1) - 1;
  if (given <= 0 && giver !== holder) holders.delete(giver);
  else if (holders.has(giver)) holders.set(giver, Math.max(0, given));
  if (!holders.has(holder)) holders.set(holder, 0);
}

/** A holder is gone; closes the end if it was the last. */
export function holderGone(end: AnyEnd, holder: string): void {
  const id = ids.get(end);
  const holders = id === undefined ? undefined : byId.get(id)?.holders;
  holders?.delete(holder);
  if (holders === undefined || holders.size === 0) end.close();
}

/** It is closed: nothing is to be known of it any more. */
export function forgetEnd(end: object): void {
  const id = ids.get(end);
  if (id !== undefined) byId.delete(id);
}
