// What somebody should look at: who owes a report, what results wait for, and whether the results are out of date.
import { element, headed, section } from "./dom.js";
import { both, distance, instant, number, say, wordsFor } from "./text.js";

function debtors({ overdue, deadlines }, place, all, showAll) {
  const { count, items, clause } = overdue.reports;
  const due = deadlines.find(({ kind }) => kind === "REPORTS");
  const list = all ?? items;
  return element("div", {},
    element("h3", {}, say("overdue"), " ", element("span", { class: "count" }, number(count))),
    element("p", { class: "dim" }, [due && distance(due.days_left), clause && say("under", clause)].filter(Boolean).join(" · ")),
    count ? element("ul", { class: "columns" }, list.map((unit) => element("li", {}, element("a", { href: place(unit.unit_id) }, unit.unit_label))))
      : element("p", {}, say(due?.days_left >= 0 ? "overdue_before" : "nobody_overdue")),
    count > list.length ? element("button", { type: "button", id: "all-debtors", click: showAll }, say("show_all", number(count))) : null);
}

// By what is missing: which units wait for it. Those that are deferred wait for something to end.
function waiting(matrix, place) {
  const list = matrix.leaves.map((leaf, at) => ({ words: both(leaf.text), clause: leaf.criterion, units: matrix.items.filter(({ missing }) => missing?.includes(at)) }));
  list.push({ words: wordsFor("Overall", "DEFERRED"), units: matrix.items.filter(({ overall }) => overall === "DEFERRED") });
  const rows = list.filter(({ units }) => units.length);
  return element("div", {}, element("h3", {}, say("waits"), " ", element("span", { class: "count" }, number(new Set(rows.flatMap(({ units }) => units)).size))),
    rows.length ? element("dl", { class: "waits" }, rows.map(({ words, clause, units }) => [
      element("dt", {}, words, clause ? element("small", {}, ` ${say("under", clause)}`) : null),
      element("dd", {}, units.map((unit, at) => [at ? ", " : "", element("a", { href: place(unit.unit_id) }, unit.unit_label)])),
    ])) : element("p", {}, say("waits_none")));
}

export function showDuties(board, place, debts, showAll, language) {
  const known = board && (board.overdue || board.matrix);
  section("duties", known ? [board.overdue, board.deadlines, board.matrix?.leaves, board.matrix?.items.map((item) => [item.missing, item.overall, item.unit_label]), debts, language] : null, () => [
    headed("duties", say("duties")),
    element("div", { class: "pair" }, board.overdue ? debtors(board, place, debts, showAll) : null, board.matrix ? waiting(board.matrix, place) : null),
  ]);
}

export function showStale(board, language) {
  const evaluation = board?.latest_evaluation;
  section("stale", evaluation?.stale ? [evaluation, language] : null, () => [
    element("p", { class: "warning" }, say("stale", instant(evaluation.as_of)))]);
}
