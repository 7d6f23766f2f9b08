// What can be taken along as a file. Each is fetched with the key, in its form by Accept: no link bears a key.
import { save } from "./api.js";
import { element, headed, section } from "./dom.js";
import { say } from "./text.js";

const CSV = "text/csv";
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const PDF = "application/pdf";
const FORMS = { [CSV]: "CSV", [XLSX]: "XLSX", [DOCX]: "DOCX", [PDF]: "PDF" };
const TABLE = [CSV, XLSX];
const PAPER = [PDF, DOCX];

// Name, the operation that must be the caller's, its path in this round, the forms.
const LISTS = [
  ["paper_decision", "GET /v1/decisions/{id}", ({ board }) => board.decision && `/v1/decisions/${board.decision.id}`, PAPER],
  ["paper_round", "GET /v1/campaigns/{code}/rounds/{year}", ({ path }) => path, PAPER],
  ["paper_proposal", "GET /v1/proposals/{id}", ({ board }) => board.proposal && `/v1/proposals/${board.proposal.id}`, PAPER],
  ["paper_summary", "GET /v1/proposals/{id}/summary", ({ board }) => board.proposal && `/v1/proposals/${board.proposal.id}/summary`, [XLSX, ...PAPER]],
  ["paper_awards", "GET /v1/campaigns/{code}/rounds/{year}/awards", ({ path }) => `${path}/awards`, TABLE],
  ["paper_contestants", "GET /v1/campaigns/{code}/rounds/{year}/contestants", ({ path }) => `${path}/contestants`, TABLE],
  ["paper_verdicts", "GET /v1/evaluations/{id}/verdicts", ({ board }) => board.latest_evaluation && `/v1/evaluations/${board.latest_evaluation.id}/verdicts`, TABLE],
  ["standings", "GET /v1/evaluations/{id}/standings", ({ board }) => board.latest_evaluation && `/v1/evaluations/${board.latest_evaluation.id}/standings`, TABLE],
  ["paper_findings", "GET /v1/campaigns/{code}/rounds/{year}/findings", ({ path }) => `${path}/findings`, TABLE],
  ["paper_reports", "GET /v1/campaigns/{code}/rounds/{year}/reports", ({ path }) => `${path}/reports`, TABLE],
  ["paper_obligations", "GET /v1/campaigns/{code}/rounds/{year}/obligations", ({ path }) => `${path}/obligations`, TABLE],
  ["paper_notifications", "GET /v1/campaigns/{code}/rounds/{year}/notifications", ({ path }) => `${path}/notifications`, TABLE],
];

const PUBLIC = new Set(["GET /v1/decisions/{id}", "GET /v1/campaigns/{code}/rounds/{year}", "GET /v1/campaigns/{code}/rounds/{year}/awards"]);

export function fetchFile(path, accept, name, told) {
  return () => save(path, accept, name).catch((fault) => told(say("failed", fault.message)));
}

function entry([name, , , forms], path, told) {
  return element("li", {}, element("span", {}, say(name)), forms.map((form) => element("button", {
    type: "button", id: `${name}-${FORMS[form]}`, "aria-label": `${say(name)}, ${FORMS[form]}`,
    click: fetchFile(path, form, `${name.replace("paper_", "")}.${FORMS[form].toLowerCase()}`, told) }, FORMS[form])));
}

export function showPapers(state, told, language) {
  const { board, me, path } = state;
  const list = board ? LISTS.filter(([, operation]) => (me ? me.operations.includes(operation) : PUBLIC.has(operation)))
    .map((row) => [row, row[2](state)]).filter(([, place]) => place) : [];
  section("papers", board ? [list.map(([, place]) => place), path, language] : null, () => [
    headed("papers", say("papers")),
    element("ul", { class: "papers" }, list.map(([row, place]) => entry(row, place, told)),
      element("li", {}, element("a", { href: `${path}/calendar.ics` }, say("calendar")))),
  ]);
}
