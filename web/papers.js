// What can be taken along as a file. Each is fetched with the key, in its form by Accept: no link bears a key.
import { readAll, save } from "./api.js";
import { element, headed, section } from "./dom.js";
import { number, say, wordsFor } from "./text.js";

const CSV = "text/csv";
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const PDF = "application/pdf";
const ZIP = "application/zip";
const FORMS = { [CSV]: "CSV", [XLSX]: "XLSX", [DOCX]: "DOCX", [PDF]: "PDF", [ZIP]: "ZIP" };
const TABLE = [CSV, XLSX];
const PAPER = [PDF, DOCX];

// Name, the operation that must be the caller's, its path in this round, the forms.
const LISTS = [
  ["paper_decision", "GET /v1/decisions/{id}", ({ board }) => board.decision && `/v1/decisions/${board.decision.id}`, PAPER],
  ["paper_round", "GET /v1/campaigns/{code}/rounds/{year}", ({ path }) => path, PAPER],
  ["paper_proposal", "GET /v1/proposals/{id}", ({ board }) => board.proposal && `/v1/proposals/${board.proposal.id}`, PAPER],
  ["paper_summary", "GET /v1/proposals/{id}/summary", ({ board }) => board.proposal && `/v1/proposals/${board.proposal.id}/summary`, [XLSX, ...PAPER]],
  ["paper_decisions", "GET /v1/decisions", ({ of }) => `/v1/decisions?${of}`, TABLE],
  ["paper_dossiers", "GET /v1/dossiers", ({ of }) => `/v1/dossiers?${of}`, TABLE],
  ["paper_awards", "GET /v1/campaigns/{code}/rounds/{year}/awards", ({ path }) => `${path}/awards`, TABLE],
  ["paper_contestants", "GET /v1/campaigns/{code}/rounds/{year}/contestants", ({ path }) => `${path}/contestants`, TABLE],
  ["paper_verdicts", "GET /v1/evaluations/{id}/verdicts", ({ board }) => board.latest_evaluation && `/v1/evaluations/${board.latest_evaluation.id}/verdicts`, TABLE],
  ["standings", "GET /v1/evaluations/{id}/standings", ({ board }) => board.latest_evaluation && `/v1/evaluations/${board.latest_evaluation.id}/standings`, TABLE],
  ["paper_findings", "GET /v1/campaigns/{code}/rounds/{year}/findings", ({ path }) => `${path}/findings`, TABLE],
  ["paper_reports", "GET /v1/campaigns/{code}/rounds/{year}/reports", ({ path }) => `${path}/reports`, TABLE],
  ["paper_obligations", "GET /v1/campaigns/{code}/rounds/{year}/obligations", ({ path }) => `${path}/obligations`, TABLE],
  ["paper_notifications", "GET /v1/campaigns/{code}/rounds/{year}/notifications", ({ path }) => `${path}/notifications`, TABLE],
];

const PUBLIC = ["GET /v1/decisions/{id}", "GET /v1/decisions", "GET /v1/campaigns/{code}/rounds/{year}", "GET /v1/campaigns/{code}/rounds/{year}/awards"];
const allowed = ({ me }, operation) => (me ? me.operations : PUBLIC).includes(operation);

export function fetchFile(path, accept, name, told) {
  return () => save(path, accept, name).catch((fault) => told(say("failed", fault.message)));
}

function entry(id, label, path, forms, told) {
  return element("li", {}, element("span", {}, label), forms.map((form) => element("button", {
    type: "button", id: `${id}-${FORMS[form]}`, "aria-label": `${label}, ${FORMS[form]}`,
    click: fetchFile(path, form, `${id.replace("paper_", "")}.${FORMS[form].toLowerCase()}`, told) }, FORMS[form])));
}

// ---- of each dossier and decision: read when they are asked for, for there may be many ----

export async function readEach(state) {
  const list = async (operation, path) => (allowed(state, operation) ? (await readAll(path)).items : []);
  const [dossiers, decisions] = await Promise.all([list("GET /v1/dossiers", `/v1/dossiers?${state.of}`), list("GET /v1/decisions", `/v1/decisions?${state.of}`)]);
  return { dossiers, decisions };
}

// Votes are told to whom the minutes are.
function ofDossier({ id, nominator_unit_id, received_at, nominations }, state, told) {
  const path = `/v1/dossiers/${id}`, proposal = state.board.proposal;
  const results = proposal && received_at && nominations.length && allowed(state, "GET /v1/proposals/{id}/results/{nominator_unit_id}");
  return element("ul", { class: "papers" },
    entry(`letter-${id}`, say("paper_letter"), path, PAPER, told),
    nominations.some((one) => "votes_for" in one) ? entry(`minutes-${id}`, say("paper_minutes"), `${path}/minutes`, PAPER, told) : null,
    results ? entry(`results-${id}`, say("paper_results"), `/v1/proposals/${proposal.id}/results/${nominator_unit_id}`, PAPER, told) : null,
    nominations.map((one) => entry(`report-${one.unit_id}`, say("paper_report", one.unit_label), `${path}/nominations/${one.unit_id}`, PAPER, told)),
    entry(`bundle-${id}`, say("paper_bundle"), `${path}/bundle`, [ZIP], told));
}

function each({ dossiers, decisions }, state, told) {
  return [
    decisions.length ? [element("h3", {}, say("decisions")), element("ul", { class: "papers" }, decisions.map(({ id, kind, number: printed, state: stage }) =>
      entry(`decision-${id}`, `${wordsFor("DecisionKind", kind)} · ${printed ?? wordsFor("DecisionState", stage)}`, `/v1/decisions/${id}`, PAPER, told)))] : [],
    dossiers.length ? [element("h3", {}, say("dossiers")), dossiers.map((dossier) => element("details", {},
      element("summary", {}, dossier.nominator_unit_label, " ", element("span", { class: "count" }, number(dossier.nominations.length))), ofDossier(dossier, state, told)))] : [],
    decisions.length + dossiers.length ? [] : element("p", { class: "dim" }, say("papers_none")),
  ];
}

export function showPapers(state, { told, showEach, language }) {
  const { board, path, each: read } = state;
  const list = board ? LISTS.filter(([, operation]) => allowed(state, operation)).map((row) => [row, row[2](state)]).filter(([, place]) => place) : [];
  section("papers", board ? [list.map(([, place]) => place), board.proposal?.id, read, path, language] : null, () => [
    headed("papers", say("papers")),
    element("ul", { class: "papers" }, list.map(([[name, , , forms], place]) => entry(name, say(name), place, forms, told)),
      element("li", {}, element("a", { href: `${path}/calendar.ics` }, say("calendar")))),
    read ? each(read, state, told) : element("button", { type: "button", id: "each-paper", click: showEach }, say("papers_each")),
  ]);
}
