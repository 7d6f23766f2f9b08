// A unit's own page: what is missing and by when, and its years.
import { criterionParts, resultMark } from "./cell.js";
import { drawn, element, headed, picture, section } from "./dom.js";
import { both, day, decimal, instant, number, say, wordsFor } from "./text.js";

const isOpen = ({ result }) => result !== "PASS" && result !== "NOT_APPLICABLE";

function missing({ verdict }) {
  if (!verdict) return [element("p", { class: "dim" }, say("unit_no_verdict"))];
  const open = verdict.criteria.filter(isOpen);
  return [
    element("p", {}, element("strong", { class: `overall ${verdict.overall}` }, wordsFor("Overall", verdict.overall)), " · ",
      say("all_met", number(verdict.criteria.filter(({ result }) => result === "PASS").length), number(verdict.criteria.length))),
    open.length ? element("ul", { class: "missing" }, open.map((criterion) => element("li", {},
      element("details", {}, element("summary", {}, resultMark(criterion.result), element("span", {}, element("strong", {}, `${criterion.clause} · ${both(criterion.text)}`), " ", both(criterion.explanation))),
        criterionParts(verdict, criterion))))) : element("p", {}, say("unit_nothing")),
  ];
}

const came = ({ received_at, due_at, status, clause }, name) => element("li", {}, element("strong", {}, name), " ",
  [due_at && say("due", day(due_at)), received_at ? say("received", instant(received_at)) : say("not_received"), status && wordsFor("ObligationStatus", status), clause && say("under", clause)].filter(Boolean).join(" · "));

function dates({ obligation }) {
  if (!obligation) return [];
  return [element("h3", {}, say("unit_dates")), element("ul", { class: "plain" }, obligation.report && came(obligation.report, say("report")), obligation.dossier && came(obligation.dossier, say("dossier")))];
}

function indexOf({ scores = [] }) {
  const card = scores.find((score) => score.appraised?.index || score.self?.index);
  return card && { value: card.appraised?.index ?? card.self.index, state: card.state };
}

// A year as a column: the index by height, and under it whether the unit was nominated and awarded.
function column(item) {
  const index = indexOf(item);
  const height = index ? Math.max(0, Math.min(100, Number(index.value))) : 0;
  const awarded = (item.awards ?? []).some((award) => award.state !== "REVOKED"), nominated = item.nominations?.length > 0;
  return element("li", {},
    element("strong", {}, index ? decimal(index.value) : "–"),
    picture({ class: "column", viewBox: "0 0 48 124" },
      drawn("rect", { x: 4, y: 1, width: 40, height: 100, class: "thin faint" }),
      drawn("rect", { x: 4, y: 101 - height, width: 40, height, class: index?.state === "APPROVED" || index?.state === "PUBLISHED" ? "full" : "hatched" }),
      awarded ? drawn("path", { d: "M24 105l2.6 5.6 6 .7-4.400 4.200 1.200 6-5.400-3-5.400 3 1.200-6-4.400-4.200 6-.7z", class: "full" }) : nominated ? drawn("circle", { cx: 24, cy: 113, r: 5, class: "thin" }) : null),
    element("span", {}, String(item.year)),
    index ? element("small", {}, wordsFor("ScorecardState", index.state)) : null,
    awarded ? element("small", {}, say("was_awarded")) : nominated ? element("small", {}, say("was_nominated")) : null);
}

function yearRow(item) {
  const finding = item.findings?.[0];
  return element("tr", {}, element("th", { scope: "row" }, String(item.year)),
    element("td", {}, indexOf(item) ? decimal(indexOf(item).value) : "–"),
    element("td", {}, finding?.total_score ? decimal(finding.total_score) : "–"),
    element("td", {}, finding?.rank ? say("rank_of", number(finding.rank), number(finding.of)) : "–"),
    element("td", {}, (item.nominations ?? []).map((one) => wordsFor("DossierState", one.state)).join(", ") || "–"),
    element("td", {}, (item.awards ?? []).map((award) => award.decision_number).join(", ") || "–"));
}

const byYear = ({ record }) => [...record?.items ?? []].sort((a, b) => a.year - b.year);

function years(shown) {
  if (!shown.record) return [];
  const items = byYear(shown);
  return [element("h3", {}, say("unit_years")), items.length ? element("ol", { class: "years" }, items.map(column)) : element("p", { class: "dim" }, say("unit_no_years"))];
}

function yearTable(shown) {
  const items = byYear(shown);
  const heads = ["year", "index", "score_total", "content_rank", "nominated", "awarded"];
  return items.length ? [
    element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("unit_years") }, element("table", { class: "numbers" },
      element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, say(head))))), element("tbody", {}, items.map(yearRow))))] : [];
}

function awardsOf({ awards }) {
  return awards?.length ? [element("h3", {}, say("awards")), element("ul", { class: "plain" }, awards.map((award) => element("li", {},
    element("strong", {}, String(award.year)), ` · ${award.decision_number}, ${day(award.signed_on)} · ${wordsFor("AwardState", award.state)}`)))] : [];
}

export function showUnit(shown, home, language) {
  section("unit", shown ? [shown, home, language] : null, () => [
    element("p", {}, element("a", { href: home, class: "back" }, `← ${say("back")}`)),
    headed("unit", shown.unit.label ?? shown.unit.name, element("p", { class: "dim" }, wordsFor("UnitKind", shown.unit.kind))),
    element("div", { class: "pair" },
      element("div", {}, shown.verdict || shown.asked ? [element("h3", {}, say("unit_missing")), missing(shown)] : [], awardsOf(shown)),
      element("div", {}, dates(shown), years(shown))),
    yearTable(shown),
  ]);
}
