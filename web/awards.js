// Published awards of the campaign, by year and group, with the decision.
import { element, headed, section } from "./dom.js";
import { both, day, money, say } from "./text.js";

function unitCell(award) {
  const now = (award.holders_now ?? []).filter((holder) => holder.unit_label !== award.unit_label).map((holder) => holder.unit_label);
  return element("th", { scope: "row" }, award.unit_label,
    now.length ? element("small", {}, say("now", now.join(", "))) : null,
    award.form_label ? element("small", {}, [both(award.form_label), both(award.tier_label)].filter(Boolean).join(" · ")) : null,
    award.state === "REVOKED" ? element("small", { class: "revoked" }, say("revoked", [award.revocation_number, day(award.revoked_on)].filter(Boolean).join(", "))) : null,
    award.corrected_by?.length ? element("small", {}, say("corrected", award.corrected_by.map((by) => by.decision_number).join(", "))) : null);
}

function rows(items) {
  return items.map((award) => element("tr", { class: award.state === "REVOKED" ? "struck" : null }, unitCell(award),
    element("td", {}, award.decision_number), element("td", {}, day(award.signed_on)), element("td", { class: "right" }, money(award.bonus_vnd))));
}

const by = (list, name) => list.reduce((map, item) => map.set(name(item), [...(map.get(name(item)) ?? []), item]), new Map());

function year(number, items, groupOf) {
  const groups = [...by(items, groupOf)].sort(([a], [b]) => a.localeCompare(b, "vi"));
  return [element("tbody", {}, element("tr", { class: "year" }, element("th", { colspan: 4, scope: "rowgroup" }, String(number), element("span", { class: "count" }, String(items.length))))),
    groups.map(([name, list]) => element("tbody", {}, name ? element("tr", { class: "group" }, element("th", { colspan: 4, scope: "rowgroup" }, name)) : null, rows(list)))];
}

export function showAwards(awards, groupOf, save, language) {
  section("awards", awards && [awards.items, awards.items.map(groupOf), language], () => [
    headed("awards", say("awards"), awards.items.length ? element("button", { type: "button", id: "awards-csv", click: save }, say("csv")) : null),
    awards.items.length ? element("div", { class: "scroll", tabindex: 0, role: "region", "aria-labelledby": "awards-title" }, element("table", {},
      element("thead", {}, element("tr", {}, [say("unit"), say("decision"), say("signed")].map((head) => element("th", { scope: "col" }, head)),
        element("th", { scope: "col", class: "right" }, say("bonus")))),
      [...by(awards.items, (award) => award.year)].sort(([a], [b]) => b - a).map(([number, items]) => year(number, items, groupOf))))
      : element("p", { class: "dim" }, say("no_awards")),
  ]);
}
