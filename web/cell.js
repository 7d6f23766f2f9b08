// One criterion of one unit: the sentence, the conditions behind it, and the clauses word for word.
import { element, symbol } from "./dom.js";
import { both, say, wordsFor } from "./text.js";

const LETTERS = { PASS: "P", FAIL: "F", PENDING: "O", DEFERRED: "D", NOT_APPLICABLE: "N" };

export const resultMark = (result) => symbol(LETTERS[result] ?? "N");

// Of a verdict that is read by itself, criteria name their citations by place.
export const cited = (verdict, list) => list.map((citation) => (typeof citation === "number" ? verdict.citations[citation] : citation));

export function quotes(verdict, criterion) {
  return cited(verdict, criterion.citations).map(({ document, clause, quote }) => element("figure", {},
    element("blockquote", { lang: "vi" }, quote), element("figcaption", {}, [document, clause && say("under", clause)].filter(Boolean).join(", "))));
}

export function criterionParts(verdict, criterion) {
  return [
    element("p", { class: "why" }, resultMark(criterion.result), element("span", {}, both(criterion.explanation))),
    criterion.leaves?.length > 1 ? element("details", {}, element("summary", {}, say("cell_part")), element("ul", { class: "leaves" },
      criterion.leaves.map((leaf) => element("li", {}, both(leaf.explanation))))) : null,
    element("h3", {}, say("cell_law")), quotes(verdict, criterion),
  ];
}

// A dialogue, closed by Escape, by its button, or by a click beside it; focus goes back to where it came from.
export function dialogue(title, ...content) {
  const box = element("dialog", { "aria-labelledby": "dialogue-title", click: (event) => { if (event.target === box) box.close(); }, close: () => box.remove() },
    element("div", { class: "box" },
      element("div", { class: "heading" }, element("h2", { id: "dialogue-title" }, title),
        element("button", { type: "button", class: "quiet", click: () => box.close() }, say("close"))),
      content));
  document.body.append(box);
  box.showModal();
  return box;
}

export function showCell(verdict, at, place) {
  const criterion = verdict.criteria[at];
  const box = dialogue(`${criterion.clause} · ${both(criterion.text)}`,
    element("p", { class: "about" }, element("a", { href: place(verdict.unit_id), click: () => box.close() }, verdict.unit_label), " · ",
      element("strong", {}, wordsFor("Result", criterion.result))),
    criterionParts(verdict, criterion));
}
