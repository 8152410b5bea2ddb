// Tables sort by the column whose title is pressed; pressed again, the other way round.

/** Makes the titles of a table into buttons. */
export function makeSortable(table: HTMLTableElement): void {
  const heads = [...table.querySelectorAll<HTMLTableCellElement>("thead th")];
  const [body] = table.tBodies;
  if (!body || body.rows.length < 2) return;
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const rising = head.getAttribute("aria-sort") !== "ascending";
      for (const other of heads) other.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", rising ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => compare(keyOf(a, column), keyOf(b, column)) * (rising ? 1 : -1));
      body.append(...rows);
    });
  });
}

function keyOf(row: HTMLTableRowElement, column: number): string {
  return row.cells[column]?.dataset["sort"] ?? "";
}

/** Numbers as numbers, where both are. */
function compare(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (a === "" || b === "" || Number.isNaN(x) || Number.isNaN(y)) return a.localeCompare(b);
  // Equal infinities have no difference.
  return x === y ? 0 : x - y;
}
