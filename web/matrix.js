// Units × criteria as a grid: one stop for Tab, arrow keys inside, Enter opens a cell. Rows that nobody sees are not laid out.
import { element, headed, section, symbol } from "./dom.js";
import { both, codesOf, instant, number, plain, say, wordsFor } from "./text.js";

export const RESULTS = { P: "PASS", F: "FAIL", O: "PENDING", D: "DEFERRED", N: "NOT_APPLICABLE" };
const CHUNK = 25; // rows of a block
const AT_ONCE = 250; // rows that are made at once; the others follow while nobody waits
const KEYS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-10, 0], PageDown: [10, 0] };

const wanted = { words: "", overall: "" };
let filling = 0;

function rowOf(matrix, item, place) {
  return element("div", { class: "row", role: "row" },
    element("div", { role: "rowheader", class: "name" }, element("a", { href: place(item.unit_id), tabindex: -1 }, item.unit_label),
      item.rank ? element("small", {}, `#${item.rank}`) : null),
    [...item.cells].map((letter, at) => element("div", {
      role: "gridcell", class: "cell", tabindex: -1, id: `cell-${item.unit_id}-${at}`, "data-unit": item.unit_id, "data-at": at,
      "aria-label": `${matrix.criteria[at].clause}: ${wordsFor("Result", RESULTS[letter])}`,
    }, symbol(letter))),
    element("div", { role: "gridcell", class: `overall ${item.overall}` }, wordsFor("Overall", item.overall)));
}

function head(matrix) {
  return element("div", { class: "row head", role: "row" }, element("div", { role: "columnheader", class: "name" }, say("unit")),
    matrix.criteria.map(({ clause, text }) => element("div", { role: "columnheader", class: "criterion" }, element("strong", {}, clause), element("span", {}, both(text)))),
    element("div", { role: "columnheader", class: "overall" }, say("result")));
}

// Rows in the order of the groups, each group under its name.
function ordered(matrix, items, groupName) {
  const groups = [...matrix.groups.keys(), null];
  return groups.flatMap((group) => {
    const rows = items.filter((item) => (item.group ?? null) === group);
    return rows.length ? [{ title: group === null ? "–" : groupName(matrix.groups[group]), count: rows.length }, ...rows] : [];
  });
}

const titleOf = (matrix, { title, count }) => element("div", { role: "row", class: "row group" },
  element("div", { role: "rowheader", "aria-colspan": matrix.criteria.length + 2 }, title, element("span", { class: "count" }, number(count))));

// A block of rows is laid out only when it comes near to what is seen.
function fill(grid, matrix, list, place) {
  const add = (from) => {
    const rows = list.slice(from, from + CHUNK).map((row) => (row.cells ? rowOf(matrix, row, place) : titleOf(matrix, row)));
    grid.append(element("div", { role: "rowgroup", class: "rows" }, rows));
    if (!from) grid.querySelector(".cell")?.setAttribute("tabindex", 0);
    if (from + CHUNK >= list.length) return;
    if (from < AT_ONCE) add(from + CHUNK);
    else filling = setTimeout(add, 0, from + CHUNK);
  };
  clearTimeout(filling);
  if (list.length) add(0);
}

function move(grid, cell, key) {
  const [down, across] = KEYS[key];
  const rows = [...grid.querySelectorAll(".row")].filter((row) => row.querySelector(".cell"));
  const row = rows.indexOf(cell.parentElement);
  const next = rows[Math.min(Math.max(row + down, 0), rows.length - 1)];
  const cells = next.querySelectorAll(".cell");
  const at = Math.min(Math.max(Number(cell.dataset.at) + across, 0), cells.length - 1);
  cell.setAttribute("tabindex", -1);
  cells[at].setAttribute("tabindex", 0);
  cells[at].focus();
}

function used(grid, open) {
  grid.addEventListener("click", (event) => {
    const cell = event.target.closest(".cell");
    if (cell) open(cell.dataset.unit, Number(cell.dataset.at));
  });
  grid.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".cell");
    if (!cell) return;
    if (KEYS[event.key]) move(grid, cell, event.key);
    else if (event.key === "Enter" || event.key === " ") open(cell.dataset.unit, Number(cell.dataset.at));
    else return;
    event.preventDefault();
  });
  return grid;
}

function legend() {
  return element("ul", { class: "legend" }, Object.entries(RESULTS).map(([letter, code]) => element("li", {}, symbol(letter), wordsFor("Result", code))));
}

export function showMatrix(board, all, { place, groupName, open, language }) {
  const matrix = board?.matrix;
  const items = all ?? matrix?.items ?? [];
  section("matrix", matrix ? [matrix, all?.length, language] : null, () => {
    const grid = used(element("div", { class: "grid", role: "grid", "aria-labelledby": "matrix-title", "aria-describedby": "matrix-hint" }), open);
    grid.style.setProperty("--criteria", matrix.criteria.length);
    const found = element("output", { for: "matrix-find" });
    const apply = () => {
      const words = plain(wanted.words).split(/\s+/).filter(Boolean);
      const list = items.filter((item) => (!wanted.overall || item.overall === wanted.overall) && words.every((word) => plain(item.unit_label).includes(word)));
      grid.replaceChildren(element("div", { role: "rowgroup", class: "heads" }, head(matrix)));
      fill(grid, matrix, ordered(matrix, list, groupName), place);
      found.value = matrix.more && !all ? say("reading_more") : say("shown", number(list.length), number(items.length));
    };
    const changed = (name) => (event) => { wanted[name] = event.target.value; apply(); };
    apply();
    return [
      headed("matrix", say("matrix"), element("p", { class: "dim" }, say("evaluated", instant(board.latest_evaluation.as_of)))),
      element("div", { class: "tools" },
        element("label", {}, element("span", { class: "hidden" }, say("find")), element("input", { type: "search", id: "matrix-find", placeholder: say("find"), value: wanted.words, autocomplete: "off", input: changed("words") })),
        element("label", {}, element("span", { class: "hidden" }, say("result")), element("select", { id: "matrix-overall", change: changed("overall") },
          element("option", { value: "" }, say("every_result")),
          codesOf("Overall").map((code) => element("option", { value: code, selected: wanted.overall === code }, wordsFor("Overall", code))))),
        found, legend()),
      grid,
      element("ul", { class: "criteria" }, matrix.criteria.map(({ clause, text }) => element("li", {}, element("strong", {}, clause), ` ${both(text)}`))),
      element("p", { class: "dim", id: "matrix-hint" }, say("matrix_hint")),
    ];
  });
}
