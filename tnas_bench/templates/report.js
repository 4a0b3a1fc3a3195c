// Sorts and filters the table of claims. Without scripts the table stands as it is.
const table = document.querySelector("#ledger"), body = table.tBodies[0], form = document.querySelector("#filter");
const rows = [...body.rows], collator = new Intl.Collator("en", { numeric: true });

function key(row, column) {
  const cell = row.cells[column];
  return "key" in cell.dataset ? (cell.dataset.key && Number(cell.dataset.key)) : cell.textContent.trim();
}

function sort(column, header) {
  const down = header.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  const sign = down ? -1 : 1;
  const compare = (a, b) => (typeof a === "number" ? a - b : collator.compare(a, b));
  const empty = row => key(row, column) === "";
  body.append(...[...body.rows].sort((one, other) => empty(one) - empty(other) || sign * compare(key(one, column), key(other, column)) || 0));
}

function filter() {
  const { paper, verdict, words } = form.elements, wanted = words.value.trim().toLowerCase();
  let shown = 0;
  for (const row of rows) {
    row.hidden = (paper.value && row.dataset.paper !== paper.value) || (verdict.value && row.dataset.verdict !== verdict.value)
      || !row.textContent.toLowerCase().includes(wanted);
    shown += !row.hidden;
  }
  form.querySelector("output").textContent = `${shown} of ${rows.length} claims`;
}

[...table.tHead.rows[0].cells].forEach((header, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...header.childNodes);
  button.addEventListener("click", () => sort(column, header));
  header.append(button);
});
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
addEventListener("hashchange", () => {
  const row = document.getElementById(location.hash.slice(1));
  if (row?.hidden) {  // a link to a claim that the filter hides
    form.reset();
    filter();
    row.scrollIntoView();
  }
});
filter();
