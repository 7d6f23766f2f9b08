// Places by share: awarded, secure, possible, free. Each has a shape of its own, so that it reads without colour.
import { drawn, element, headed, picture, section } from "./dom.js";
import { both, number, say } from "./text.js";

const MOST_SQUARES = 24; // more places than that are one bar

// What each place is; where the API says nothing of it, it is just a place.
function kinds({ slots, awarded, secure, possible }) {
  const taken = awarded ?? 0;
  const sure = Math.min(secure ?? 0, Math.max(slots - taken, 0));
  const maybe = Math.min(possible ?? 0, Math.max(slots - taken - sure, 0));
  return [["awarded", taken], ["secure", sure], ["possible", maybe], ["free", Math.max(slots - taken - sure - maybe, 0)]].filter(([, count]) => count > 0);
}

const SHAPES = { awarded: "full", secure: "hatched", possible: "dashed", free: "thin" };

function squares(list) {
  const all = list.flatMap(([kind, count]) => Array.from({ length: count }, () => kind));
  return picture({ class: "squares", viewBox: `0 0 ${all.length * 22} 20`, width: all.length * 22, height: 20 },
    all.map((kind, place) => drawn("rect", { x: place * 22 + 1, y: 1, width: 18, height: 18, rx: 3, class: SHAPES[kind] })));
}

function bar(list, slots) {
  let at = 0;
  return picture({ class: "bar" }, list.map(([kind, count]) => {
    const rect = drawn("rect", { x: `${(at / slots) * 100}%`, width: `${(count / slots) * 100}%`, height: "100%", class: SHAPES[kind] });
    at += count;
    return rect;
  }));
}

function words(share) {
  const parts = ["awarded", "secure", "possible"].filter((kind) => share[kind] !== null && share[kind] !== undefined && (share[kind] > 0 || kind === "awarded"))
    .map((kind) => `${number(share[kind])} ${say(`place_${kind}`)}`);
  return [share.slots === 1 ? say("of_place") : say("of_places", number(share.slots)), ...parts].join(" · ");
}

function legend(all) {
  const used = ["awarded", "secure", "possible", "free"].filter((kind) => all.some((share) => kinds(share).some(([of]) => of === kind)));
  return element("ul", { class: "legend" }, used.map((kind) => element("li", {}, squares([[kind, 1]]), say(`place_${kind}`))));
}

export function showPlaces(board, groups, language) {
  section("places", board && [board.quota, board.latest_evaluation, language], () => {
    const { cap, awarded, left } = board.quota;
    // An evaluation from before an award still counts the awarded among those with a sure place.
    const outdated = board.latest_evaluation?.stale && awarded > 0;
    const shares = (board.quota.groups ?? []).map((share) => (outdated ? { ...share, secure: null, possible: null } : share)).filter(({ slots }) => slots !== null && slots !== undefined && slots > 0);
    const known = shares.some((share) => share.awarded !== null && share.awarded !== undefined);
    return [
      headed("places", say("places"), element("p", { class: "sum" },
        cap === null || cap === undefined ? null : [element("span", {}, `${say("cap")} `, element("strong", {}, number(cap)))],
        element("span", {}, element("strong", {}, number(awarded ?? 0)), ` ${say("place_awarded")}`),
        left === null || left === undefined ? null : element("span", {}, element("strong", {}, number(left)), ` ${say("place_left")}`))),
      cap > 0 && cap <= MOST_SQUARES ? element("p", {}, squares(kinds({ slots: cap, awarded }))) : null,
      shares.length ? element("ul", { class: "places" }, shares.map((share) => element("li", {},
        element("span", {}, [both(groups.get(share.group)) || share.group, share.cluster, both(share.form_label)].filter(Boolean).join(" · ")),
        share.awarded === null ? element("small", {}, words(share))
          : [share.slots > MOST_SQUARES ? bar(kinds(share), share.slots) : squares(kinds(share)), element("small", { class: "below" }, words(share))]))) : element("p", { class: "dim" }, say("no_quota")),
      legend([...(known ? shares : []), { slots: cap ?? 0, awarded }]),
    ];
  });
}
