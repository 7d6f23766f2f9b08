// Who stands where among those that compete for the same places, and why.
import { element, headed, section } from "./dom.js";
import { both, decimal, number, say, wordsFor } from "./text.js";

function why(item) {
  const lines = [];
  const by = item.decided_by;
  if (by) {
    const margin = by.margin && Number(by.margin);
    const name = margin < 0 ? "decided_by" : margin > 0 ? "decided_ahead" : "decided_equal";
    lines.push(margin ? say(name, both(by.text), decimal(by.margin.replace(/^-/, "")), by.against_unit_label) : say(name, both(by.text), by.against_unit_label));
  }
  if (item.tied_with?.length) lines.push(say("tied", item.tied_with.map((other) => other.unit_label ?? other).join(", ")));
  const waits = item.waits_for ?? [];
  const others = [...new Set(waits.filter((wait) => wait.unit_id !== item.unit_id).map((wait) => wait.unit_label))];
  if (waits.some((wait) => wait.unit_id === item.unit_id)) lines.push(say("waits_own"));
  if (others.length) lines.push(say("waits_on", others.join(", ")));
  if (item.override) lines.push(say("overridden", [wordsFor("StandingStatus", item.override.decided), item.override.reason].filter(Boolean).join(". ")));
  return lines;
}

const isOut = (item) => (item.override?.decided ?? item.status) === "OUT";

function row(item, place) {
  const status = item.override?.decided ?? item.status;
  return element("li", { class: `status-${status}` },
    element("span", { class: "rank" }, item.rank === null ? "–" : number(item.rank)),
    element("div", {}, element("a", { href: place(item.unit_id) }, item.unit_label), element("span", { class: "status" }, wordsFor("StandingStatus", status)),
      why(item).map((line) => element("small", {}, line))));
}

function group(items, place) {
  const { among, group_label, of } = items[0];
  const ranked = items.filter((item) => !(isOut(item) && item.rank === null));
  const rest = items.length - ranked.length;
  return element("div", {},
    element("h3", {}, [both(among?.label ?? group_label), among?.cluster].filter(Boolean).join(" · "), of ? element("span", { class: "count" }, number(of)) : null),
    element("ol", { class: "standings" }, ranked.map((item) => row(item, place))),
    rest ? element("p", { class: "dim" }, say("out_more", number(rest))) : null);
}

// Those that compete with one another. Who has no rank names no rivals: it stands with those of its own group.
function rivals(items) {
  const lists = new Map();
  for (const item of items.filter(({ among }) => among)) {
    const name = JSON.stringify([item.form ?? null, item.among.group, item.among.cluster]);
    lists.set(name, [...(lists.get(name) ?? []), item]);
  }
  for (const item of items.filter(({ among }) => !among)) {
    const own = (other) => other.group === item.group && other.cluster === item.cluster && (other.form ?? null) === (item.form ?? null);
    const list = [...lists.values()].find((others) => others.some(own));
    if (list) list.push(item);
    else lists.set(JSON.stringify([item.form ?? null, item.group, item.cluster, "unranked"]), [item]);
  }
  return [...lists.values()];
}

export function showStandings(standings, place, language) {
  section("standings", standings?.items?.length ? [standings, language] : null, () => {
    return [headed("standings", say("standings")), element("div", { class: "groups" }, rivals(standings.items).map((items) => group(items, place)))];
  });
}
