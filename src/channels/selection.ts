// Selection: the engine of `select` (CML's and Go's choice). Exactly one of its cases happens.
//
// Invariants
// - A round tries its cases, one after the other; the first that is ready happens, and that is all. When none is, all are put into the
//   lines of what they wait for, and only then is the selection open: until then nobody can serve a case of it.
// - It closes in the same instant in which it is served, fails, is cancelled or times out: from then on its cases are not ready, and
//   whoever meets one in a line passes it over. Since the line is served by one thread, no two can serve one selection.
// - Leaving the line of a lock may serve others, and they in turn others: in the middle of a hand-over between two selections that could
//   commit the second one elsewhere. So a selection that is served leaves such lines in a microtask, before the code that awaits it.
import type { WaitOptions } from "../contract/waiting.ts";
import { notReady } from "../core/clause.ts";
import { type Home, Parked } from "../core/parked.ts";
import { random } from "../core/random.ts";
import type { CancelScope } from "../core/scope.ts";
import { QuietClause } from "./clauses/quiet.ts";
import { FarChoice, type FarOwner } from "./remote/far-choice.ts";
import type { CaseOwner, SelectCase } from "./select-case.ts";
import { SharedChoice } from "./shared/choice.ts";

/** What happened. */
export interface Chosen {
  readonly key: string;
  readonly value: unknown;
}

const now = Promise.resolve();

export class Selection implements Home, CaseOwner, FarOwner {
  readonly cases: SelectCase[] = [];
  readonly #biased: boolean;
  /** Its cases keep their places between rounds. */
  readonly #lasting: boolean;
  #parked: Parked<Chosen> | undefined = undefined;
  /** There as soon as one of its cases can be served by other threads. */
  #choice: SharedChoice | undefined = undefined;
  /** There as soon as one of its cases waits in another process. */
  #far: FarChoice | undefined = undefined;
  /** The others come after those: nothing was ready before them. */
  #farFirst = false;
  /** What ends the round when it has come back: with what it is cancelled, or a case here that has no line to wait in. */
  #atReturn: (() => void) | undefined = undefined;

  constructor(biased: boolean, lasting: boolean) {
    this.#biased = biased;
    this.#lasting = lasting;
  }

  get open(): boolean {
    return this.#parked !== undefined;
  }

  get ready(): boolean {
    return (
      this.#parked !== undefined && (this.#far === undefined || this.#far.yields) && (this.#choice === undefined || this.#choice.hold())
    );
  }

  get choice(): SharedChoice {
    // While it waits in another process no other thread may serve it.
    this.#choice ??= new SharedChoice(() => this.open && (this.#far === undefined || this.#far.isEmpty));
    return this.#choice;
  }

  get far(): FarChoice {
    this.#far ??= new FarChoice(this, this.#biased);
    return this.#far;
  }

  get mustLook(): boolean {
    return this.#choice !== undefined;
  }

  get waitingFor(): string {
    const all = this.cases.flatMap(({ clause }) => clause?.waitingFor ?? []);
    return all.length === 0 ? "no clause at all" : all.join(" or ");
  }

  /** Does what is ready, if anything. Throws what the operation that is ready throws. `waits`: otherwise the caller goes on to wait, so
   *  what is far can be asked for by that. */
  attempt(waits: boolean): Chosen | undefined {
    const { cases } = this;
    this.#farFirst = false;
    for (let n = 0; n < cases.length; n++) {
      if (!this.#biased) this.#draw(n);
      const each = cases[n] as SelectCase;
      if (waits && each.clause?.isFar) {
        this.#farFirst = cases.some(({ clause }) => clause !== undefined && !clause.isFar);
        if (this.#farFirst) return undefined;
        continue;
      }
      const chosen = this.#tryCase(each);
      if (chosen !== undefined) return chosen;
    }
    return undefined;
  }

  /** The same for the cases that are not far, while the select is closed; ends the round if one is ready. */
  #attemptNear(): void {
    const parked = this.#parked;
    this.#parked = undefined;
    let ready: SelectCase | undefined;
    let value: unknown;
    let failed: { readonly error: unknown } | undefined;
    try {
      for (let n = 0; n < this.cases.length && ready === undefined; n++) {
        if (!this.#biased) this.#draw(n);
        const each = this.cases[n] as SelectCase;
        const chosen = each.clause?.isFar ? undefined : this.#tryCase(each);
        if (chosen !== undefined) [ready, value] = [each, chosen.value];
      }
    } catch (error) {
      failed = { error };
    }
    this.#parked = parked;
    if (failed !== undefined) this.reject(failed.error);
    else if (ready !== undefined) this.commit(ready, value);
  }

  cameBack(): void {
    if (!this.open) return;
    const end = this.#atReturn;
    this.#atReturn = undefined;
    if (end !== undefined) {
      end();
      return;
    }
    this.#attemptNear();
    if (!this.open || FarChoice.afterOthers(() => this.#goOn())) return;
    this.#wait();
  }

  #goOn(): void {
    if (this.open && this.#far?.busy === false) this.cameBack();
  }

  /** Stands in all lines, and opens. */
  #wait(): void {
    try {
      this.#enlist();
    } catch (error) {
      this.reject(error);
      return;
    }
    for (const each of this.cases) this.#arrive(each);
    this.#openAll();
  }

  #openAll(): void {
    if (!this.open) return;
    if (this.#far === undefined || this.#far.isEmpty) this.#choice?.open();
    else {
      try {
        this.#far.open();
      } catch (error) {
        this.reject(error);
      }
    }
  }

  #tryCase(each: SelectCase): Chosen | undefined {
    const { clause, key } = each;
    if (clause === undefined) return undefined;
    const value = clause.attempt(each);
    if (value === notReady) return undefined;
    // Served out of turn: next time it goes to the end of the line.
    each.delist();
    return { key, value };
  }

  /** Waits until one of the cases is served. The caller has just found that none is ready. */
  park(scope: CancelScope, options: WaitOptions | undefined): Promise<Chosen> {
    if (this.#farFirst) return this.#parkFarFirst(scope, options);
    this.#enlist();
    const parked = new Parked<Chosen>(scope, options, this, undefined);
    this.#parked = parked;
    for (const each of this.cases) this.#arrive(each);
    this.#openAll();
    return parked.promise;
  }

  /** What is far comes first: it is asked for before the others are tried. */
  #parkFarFirst(scope: CancelScope, options: WaitOptions | undefined): Promise<Chosen> {
    for (const each of this.cases) if (each.clause?.isFar) each.enlist();
    const parked = new Parked<Chosen>(scope, options, this, undefined);
    this.#parked = parked;
    try {
      this.far.attempt();
    } catch (error) {
      this.reject(error);
    }
    return parked.promise;
  }

  #enlist(): void {
    try {
      for (const each of this.cases) each.enlist();
    } catch (error) {
      // A value that could still be sent when it was tried.
      this.leave();
      throw error;
    }
  }

  /** Takes a new case into a round that waits, if there is one. */
  join(each: SelectCase): void {
    const parked = this.#parked;
    if (parked !== undefined && this.#far !== undefined) {
      if (this.#far.busy) this.#far.recall();
      else this.cameBack();
      return;
    }
    // Another thread may have ended the round already.
    if (parked === undefined || this.#choice?.hold() === false) return;
    // Closed meanwhile: the new case makes room in a buffer, say, and another of its cases must not be served by that.
    this.#parked = undefined;
    let chosen: Chosen | undefined;
    try {
      chosen = this.#tryCase(each);
    } catch (error) {
      this.#parked = parked;
      this.reject(error);
      return;
    }
    this.#parked = parked;
    if (chosen !== undefined) this.commit(each, chosen.value);
    else {
      each.enlist();
      this.#arrive(each);
      this.#openAll();
    }
  }

  /** Tells those who may have waited for the case. That may serve it, and so end the round. */
  #arrive({ clause, standing }: SelectCase): void {
    if (standing && this.open) clause?.arrived();
  }

  commit(chosen: SelectCase, value: unknown): void {
    if (this.#awaitsReturn(() => this.commit(chosen, value))) return;
    this.#close()?.settle({ key: chosen.key, value });
  }

  reject(error: unknown): void {
    if (this.#awaitsReturn(() => this.reject(error))) return;
    this.#close()?.fail(error);
  }

  /** It waits in another process, and may have happened there: this end of the round has to wait for the answer. */
  #awaitsReturn(end: () => void): boolean {
    if (this.#far?.busy !== true) return false;
    this.#atReturn ??= end;
    this.#far.recall();
    return true;
  }

  moved(): void {
    if (this.open) this.#openAll();
    else this.#choice?.close();
  }

  late(_operation: unknown, error: unknown): boolean {
    if (this.#awaitsReturn(() => this.#close()?.fail(error))) return true;
    return this.#choice !== undefined && !this.#choice.hold() && this.#choice.collect();
  }

  withdraw(): void {
    this.#parked = undefined;
    this.#choice?.close();
    this.#endRound();
  }

  /** Takes all cases out of their lines. */
  leave(): void {
    for (const each of this.cases) each.delist();
  }

  #close(): Parked<Chosen> | undefined {
    const parked = this.#parked;
    if (parked === undefined) return undefined;
    if (this.#choice !== undefined) {
      if (!this.#choice.hold()) {
        this.#choice.collect();
        return undefined;
      }
      this.#choice.close();
    }
    this.#parked = undefined;
    this.#atReturn = undefined;
    this.#endRound();
    return parked;
  }

  #endRound(): void {
    let later = false;
    for (const each of this.cases) {
      const { clause, standing } = each;
      if (!standing) continue;
      if (!(clause instanceof QuietClause)) later = true;
      else if (!this.#lasting || !clause.keepsPlace) each.delist();
    }
    if (later) void now.then(() => (this.#lasting ? this.#standAside() : this.leave()));
  }

  /** Lets those go past who stand behind cases that keep their place in the line of a lock. */
  #standAside(): void {
    for (const { clause, standing } of this.cases) if (standing) clause?.stoodAside();
  }

  /** Puts a random one of the cases that are left into place `n`, so that each order is as likely as any other. */
  #draw(n: number): void {
    const { cases } = this;
    const left = cases.length - n;
    if (left < 2) return;
    const drawn = n + Math.floor(random() * left);
    const other = cases[drawn] as SelectCase;
    cases[drawn] = cases[n] as SelectCase;
    cases[n] = other;
  }
}
