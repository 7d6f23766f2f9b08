// Published awards of the campaign, by year and group, with the decision.
import { element, headed, section } from "./dom.js";
import { both, day, money, say } from "./text.js";

function unitCell(award) {
  const now = (award.holders_now ?? []).filter((holder) => holder.unit_label !== award.unit_label).map((holder) => holder.unit_label);
  return element("th", { scope: "row", role: "rowheader" }, award.unit_label,
    now.length ? element("small", {}, say("now", now.join(", "))) : null,
    award.form_label ? element("small", {}, [both(award.form_label), both(award.tier_label)].filter(Boolean).join(" · ")) : null,
    award.state === "REVOKED" ? element("small", { class: "revoked" }, say("revoked", [award.revocation_number, day(award.revoked_on)].filter(Boolean).join(", "))) : null,
    award.corrected_by?.length ? element("small", {}, say("corrected", award.corrected_by.map((by) => by.decision_number).join(", "))) : null);
}

function rows(items) {
  return items.map((award) => element("tr", { role: "row", class: award.state === "REVOKED" ? "struck" : null }, unitCell(award),
    element("td", { role: "cell" }, award.decision_number), element("td", { role: "cell" }, day(award.signed_on)),
    element("td", { role: "cell", class: "right" }, money(award.bonus_vnd))));
}

const by = (list, name) => list.reduce((map, item) => map.set(name(item), [...(map.get(name(item)) ?? []), item]), new Map());

// Each row says by its role what it is, for on a phone it is laid out as no table is.
function year(number, items, groupOf) {
  const groups = [...by(items, groupOf)].sort(([a], [b]) => a.localeCompare(b, "vi"));
  const title = (kind, ...words) => element("tr", { role: "row", class: kind }, element("th", { colspan: 4, scope: "rowgroup", role: "rowheader" }, words));
  return [element("tbody", { role: "rowgroup" }, title("year", String(number), element("span", { class: "count" }, String(items.length)))),
    groups.map(([name, list]) => element("tbody", { role: "rowgroup" }, name ? title("group", name) : null, rows(list)))];
}

export function showAwards(awards, groupOf, save, language) {
  section("awards", awards && [awards.items, awards.items.map(groupOf), language], () => [
    headed("awards", say("awards"), awards.items.length ? element("button", { type: "button", id: "awards-csv", click: save }, say("csv")) : null),
    awards.items.length ? element("div", { class: "scroll", tabindex: 0, role: "group", "aria-labelledby": "awards-title" }, element("table", { role: "table" },
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" },
        ["unit", "decision", "signed", "bonus"].map((head) => element("th", { scope: "col", role: "columnheader", class: head === "bonus" ? "right" : null }, say(head))))),
      [...by(awards.items, (award) => award.year)].sort(([a], [b]) => b - a).map(([number, items]) => year(number, items, groupOf))))
      : element("p", { class: "dim" }, say("no_awards")),
  ]);
}
