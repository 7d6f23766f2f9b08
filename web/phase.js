// How far the round has come, and its deadlines on a line of time.
import { drawn, element, headed, picture, section } from "./dom.js";
import { both, codesOf, day, distance, number, say, wordsFor } from "./text.js";

function steps(board) {
  const phases = codesOf("BoardPhase");
  const now = phases.indexOf(board.phase);
  return element("ol", { class: "steps" }, phases.map((phase, place) => element("li", {
    class: place < now ? "done" : place === now ? "now" : "coming", "aria-current": place === now ? "step" : null,
  }, mark(place < now ? "done" : place === now ? "now" : "coming"), wordsFor("BoardPhase", phase))));
}

function mark(kind) {
  const shapes = {
    done: [drawn("circle", { cx: 8, cy: 8, r: 7.5, class: "full" }), drawn("path", { d: "M4.5 8.3l2.4 2.4 4.6-5", class: "cut" })],
    now: [drawn("circle", { cx: 8, cy: 8, r: 6.5, class: "thin" }), drawn("circle", { cx: 8, cy: 8, r: 3.5, class: "full" })],
    coming: [drawn("circle", { cx: 8, cy: 8, r: 6.5, class: "thin" })],
    today: [drawn("path", { d: "M8 14L2 3h12z", class: "full" })],
  };
  return picture({ class: `mark ${kind}`, viewBox: "0 0 16 16" }, shapes[kind]);
}

// Between two stops: solid where time has passed, dashed where it has not.
const stretch = (past) => picture({ class: "stretch" }, drawn("line", { x1: 0, y1: "50%", x2: "100%", y2: "50%", class: past ? "past" : "ahead" }),
  drawn("line", { x1: "50%", y1: 0, x2: "50%", y2: "100%", class: `upright ${past ? "past" : "ahead"}` }));

const daysBetween = (from, to) => Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / 86400000);

const span = (days) => (days === 1 ? say("one_day") : say("days", number(days)));

// The API says how many days are left until a day: so it also says what day it is today.
function today(deadlines) {
  const known = deadlines.find(({ due_on }) => due_on);
  return known && new Date(Date.parse(known.due_on) - known.days_left * 86400000).toISOString().slice(0, 10);
}

function stops({ deadlines, decision }) {
  const now = today(deadlines);
  const list = deadlines.filter(({ due_on }) => due_on)
    .map(({ kind, clause, due_on, days_left }) => ({ on: due_on, name: wordsFor("DeadlineKind", kind), clause, left: distance(days_left) }));
  if (decision?.published_at) list.push({ on: decision.published_at.slice(0, 10), name: say("published") });
  // What falls on one day stands together.
  const days = new Map();
  for (const stop of list) {
    const there = days.get(stop.on);
    days.set(stop.on, { ...there, ...stop, name: there ? `${there.name}, ${stop.name.toLowerCase()}` : stop.name, clause: [there?.clause, stop.clause].filter(Boolean).join(", ") });
  }
  if (now) days.set(now, { ...days.get(now), on: now, name: [say("today"), days.get(now)?.name].filter(Boolean).join(": ") });
  return { now, list: [...days.values()].sort((a, b) => (a.on < b.on ? -1 : 1)) };
}

function line(board) {
  const { now, list } = stops(board);
  const unset = board.deadlines.filter(({ due_on }) => !due_on);
  return [
    element("ol", { class: "line" }, list.map((stop, place) => {
      const after = list[place + 1];
      const kind = stop.on === now ? "today" : stop.on < now ? "done" : "coming";
      return element("li", { class: kind }, mark(kind),
        after ? [stretch(after.on <= now), element("span", { class: "gap" }, span(daysBetween(stop.on, after.on)))] : null,
        element("div", {}, element("strong", {}, stop.name), element("time", { datetime: stop.on }, day(stop.on)),
          stop.left ? element("span", { class: "left" }, stop.left) : null,
          stop.clause ? element("small", {}, say("under", stop.clause)) : null));
    })),
    unset.length ? element("p", { class: "dim" }, unset.map(({ kind, missing }) => `${wordsFor("DeadlineKind", kind)}: ${missing ? both(missing) : say("no_day")}`).join(" · ")) : null,
  ];
}

// What was proposed has met its deadlines; what was published has nothing left to come.
const MET = { PROPOSED: ["DOSSIERS", "REPORTS", "PROPOSAL"], DECIDED: ["DOSSIERS", "REPORTS", "PROPOSAL"] };

function nextDeadline({ phase, deadlines, decision }) {
  if (phase === "PUBLISHED" && decision) return element("p", { class: "next", elementtiming: "data" }, say("decision"), " ", element("strong", {}, decision.number), `, ${day(decision.signed_on)}`);
  const coming = deadlines.filter(({ kind, days_left }) => days_left !== null && days_left >= 0 && !MET[phase]?.includes(kind)).sort((a, b) => a.days_left - b.days_left)[0];
  if (!coming) return element("p", { class: "next", elementtiming: "data" }, say("all_past"));
  return element("p", { class: "next", elementtiming: "data" }, element("span", { class: "dim" }, say("next")), " ",
    element("strong", { class: "big" }, distance(coming.days_left)), " ",
    element("span", {}, `${wordsFor("DeadlineKind", coming.kind)} · ${day(coming.due_on)}`));
}

export function showPhase(board, language) {
  section("phase", board && [board.phase, board.deadlines, board.decision, language], () => [
    headed("phase", say("phase"), nextDeadline(board)), steps(board), line(board),
  ]);
}
