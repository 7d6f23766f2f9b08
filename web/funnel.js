// From the register to the award: each step is a part of the one before.
import { drawn, element, headed, picture, section } from "./dom.js";
import { both, number, say } from "./text.js";

const STEPS = ["registered", "nominated", "appraised", "eligible", "proposed", "awarded"];

// A step that the API keeps from this caller is no step here.
const known = (steps) => STEPS.filter((step) => steps[step] !== null && steps[step] !== undefined);

function bar(value, most) {
  const part = most ? (value / most) * 100 : 0;
  return picture({ class: "bar" }, drawn("rect", { x: `${(100 - part) / 2}%`, width: `${part}%`, height: "100%", class: "full" }),
    drawn("line", { x1: "50%", x2: "50%", y1: 0, y2: "100%", class: part ? "none" : "thin" }));
}

function table(groups, words) {
  const steps = known(groups[0].steps);
  return element("details", {}, element("summary", {}, say("by_group")),
    element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("by_group") }, element("table", { class: "numbers" },
      element("thead", {}, element("tr", {}, element("th", { scope: "col" }, say("group")), steps.map((step) => element("th", { scope: "col" }, say(step))))),
      element("tbody", {}, groups.map(({ group, steps: of }) => element("tr", {}, element("th", { scope: "row" }, words(group)),
        steps.map((step) => element("td", {}, number(of[step])))))))));
}

export function showFunnel(board, groups, language) {
  section("funnel", board && [board.funnel, language], () => {
    const total = board.funnel.total;
    return [
      headed("funnel", say("funnel")),
      element("ol", { class: "funnel" }, known(total).map((step) => element("li", {},
        element("span", {}, say(step)), bar(total[step], total.registered), element("strong", {}, number(total[step]))))),
      board.funnel.groups?.length ? table(board.funnel.groups, (code) => both(groups.get(code)) || code) : null,
    ];
  });
}
