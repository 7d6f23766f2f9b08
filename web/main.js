// What is shown, where it comes from, and when it is read again.
import { ask, bearer, hasKey, read, readAll, readIfAllowed, useKey } from "./api.js";
import { showAwards } from "./awards.js";
import { showCell } from "./cell.js";
import { element } from "./dom.js";
import { showDuties, showStale } from "./duties.js";
import { showFunnel } from "./funnel.js";
import { listen } from "./live.js";
import { RESULTS, showMatrix } from "./matrix.js";
import { fetchFile, readEach, showPapers } from "./papers.js";
import { showPhase } from "./phase.js";
import { showPlaces } from "./places.js";
import { showStandings } from "./standings.js";
import { both, chooseLanguage, instant, language, say, useVocabulary, wordsFor } from "./text.js";
import { showFooter, showHeader, showNotice, showTitle } from "./top.js";
import { showUnit } from "./unit.js";

const SECTIONS = ["title", "stale", "unit", "phase", "funnel", "places", "duties", "matrix", "standings", "awards", "papers"];
const PAUSE = 300; // events come in crowds: one reading for all of them
const AGAIN = 30000; // days pass, and a database comes back, without an event

const state = { campaigns: null, campaign: null, rounds: [], year: null, path: null, me: null, board: null, standings: null, awards: null,
  matrix: null, debts: null, each: null, kinds: new Map(), shownUnit: null, live: false, away: false, at: null, told: null };

// ---- where: #code/year or #code/year/unit/id ----

const place = (code, year) => `#${[code, year].filter(Boolean).map(encodeURIComponent).join("/")}`;
const unitPlace = (id) => `${place(state.campaign.code, state.year)}/unit/${encodeURIComponent(id)}`;

function where() {
  try {
    const [code, year, kind, id] = location.hash.slice(1).split("/").map(decodeURIComponent);
    return { code: code || null, year: Number(year) || null, unit: kind === "unit" ? id : null };
  } catch { return { code: null, year: null, unit: null }; } // no address of ours
}

const roundPath = (code, year) => `/v1/campaigns/${encodeURIComponent(code)}/rounds/${year}`;
const may = (operation) => state.me?.operations.includes(operation) ?? false;

// ---- reading ----

// The round that people most likely look for: the newest of which something is known.
function chosenYear(rounds, asked) {
  if (rounds.some(({ year }) => year === asked)) return asked;
  const begun = rounds.filter(({ counts }) => counts.contestants > 0);
  return (begun.length ? begun : rounds).map(({ year }) => year).sort((a, b) => b - a)[0] ?? null;
}

async function readRound(code, path) {
  const [board, awards] = await Promise.all([read(`${path}/board`), readAll(`/v1/awards?campaign=${encodeURIComponent(code)}`)]);
  return { board, awards };
}

async function readUnit(id, year, path, { board, awards }) {
  const evaluation = board.latest_evaluation?.id;
  const asked = may("GET /v1/evaluations/{id}/verdicts/{unit_id}") && Boolean(evaluation);
  const [unit, verdict, obligations, record] = await Promise.all([
    read(`/v1/units/${encodeURIComponent(id)}?on=${year}-12-31`),
    asked ? readIfAllowed(`/v1/evaluations/${evaluation}/verdicts/${encodeURIComponent(id)}`) : null,
    may("GET /v1/campaigns/{code}/rounds/{year}/obligations") ? readAll(`${path}/obligations`).catch(() => null) : null,
    may("GET /v1/units/{id}/record") ? readIfAllowed(`/v1/units/${encodeURIComponent(id)}/record`) : null]);
  return { unit, verdict, asked, record, obligation: obligations?.items.find(({ unit_id }) => unit_id === id) ?? null,
    awards: awards.items.filter(({ unit_id }) => unit_id === id) };
}

// One reading at a time; what is asked for meanwhile comes after it. What was read for another key is thrown away.
let running = false, wanted = false, turn = 0;

// The board holds the first of very many units; the rest is read page by page, once for each evaluation.
async function readMatrix() {
  const { board } = state, mine = turn;
  const evaluation = board.latest_evaluation?.id;
  if (!board.matrix?.more || state.matrix?.evaluation === evaluation || !may("GET /v1/evaluations/{id}/verdicts")) return;
  const letters = Object.fromEntries(Object.entries(RESULTS).map(([letter, code]) => [code, letter]));
  const known = new Map(board.matrix.items.map((item) => [item.unit_id, item]));
  const all = await readAll(`/v1/evaluations/${evaluation}/verdicts?view=summary`);
  if (mine !== turn) return;
  const ranks = new Map((state.standings?.items ?? []).map((item) => [item.unit_id, item]));
  const items = all.items.map((item) => known.get(item.unit_id) ?? { ...item, missing: [], cells: item.results.map((result) => letters[result]).join(""),
    rank: ranks.get(item.unit_id)?.rank ?? null, group: board.matrix.groups.indexOf(ranks.get(item.unit_id)?.group) });
  const order = new Intl.Collator("vi");
  state.matrix = { evaluation, items: items.map((item) => (item.group === -1 ? { ...item, group: null } : item)).sort((a, b) => order.compare(a.unit_label, b.unit_label)) };
}

async function readStandings() {
  const evaluation = state.board.latest_evaluation?.id, mine = turn;
  const found = evaluation && may("GET /v1/evaluations/{id}/standings") ? await readIfAllowed(`/v1/evaluations/${evaluation}/standings`) : null;
  if (mine === turn) state.standings = found;
}

// Which group an award belongs to follows from the kind of unit: both are public.
async function readKinds() {
  const unknown = state.awards.items.filter(({ unit_id }) => !state.kinds.has(unit_id));
  await Promise.all(unknown.map(async ({ unit_id, year }) => {
    const unit = await readIfAllowed(`/v1/units/${unit_id}?on=${year}-12-31`);
    state.kinds.set(unit_id, unit?.kind ?? null);
  }));
}

function groupOfAward({ unit_id }) {
  const kind = state.kinds.get(unit_id);
  if (!kind) return "";
  const groups = state.campaign.groups.filter(({ unit_kinds }) => unit_kinds?.includes(kind));
  return groups.length === 1 ? both(groups[0]) : wordsFor("UnitKind", kind);
}

let worded = false;
async function readWords() {
  if (!worded) useVocabulary(await read("/v1/vocabulary"));
  worded = true;
}

// An old link leads to the round, and says why.
function notThere(fault) {
  if (![400, 404, 422].includes(fault.status)) throw fault;
  tell(fault.message);
  return null;
}

async function readAgain(mine) {
  const asked = where();
  const [campaigns, me] = await Promise.all([readAll("/v1/campaigns"), hasKey() ? state.me ?? read("/v1/me") : null, readWords()]);
  if (mine !== turn) return null;
  state.me = me;
  const campaign = campaigns.items.find(({ code }) => code === asked.code) ?? campaigns.items[0] ?? null;
  const rounds = campaign ? (await read(`/v1/campaigns/${encodeURIComponent(campaign.code)}/rounds`)).items : [];
  const year = chosenYear(rounds, asked.year);
  const path = year && roundPath(campaign.code, year);
  const round = year ? await readRound(campaign.code, path) : { board: null, awards: null };
  const shownUnit = year && asked.unit ? await readUnit(asked.unit, year, path, round).catch(notThere) : null;
  return { campaigns: campaigns.items, campaign, rounds: [...rounds].sort((a, b) => a.year - b.year), year, path, shownUnit, ...round };
}

async function refresh() {
  wanted = true;
  if (running) return;
  running = true;
  try {
    while (wanted) {
      wanted = false;
      await readOnce();
    }
  } finally { running = false; }
}

async function readOnce() {
  const mine = turn, before = state.shownUnit?.unit.id;
  try {
    const found = await readAgain(mine);
    if (mine !== turn) return;
    Object.assign(state, found, { away: false, at: instant(vietnamNow()) });
  } catch (fault) {
    if (mine !== turn) return;
    if (fault.status === 401 && hasKey()) return leave(fault.message);
    state.away = !(fault.status < 500);
    if (!state.away) tell(fault.message);
  }
  show();
  if (state.shownUnit && state.shownUnit.unit.id !== before) document.querySelector("main").focus();
  if (state.away || !state.awards) return;
  // The board stands there; what takes longer follows.
  await Promise.all([readKinds(), readStandings().then(readMatrix)]).then(() => { if (mine === turn) show(); }, () => {});
}

const vietnamNow = () => new Date(Date.now() + 7 * 3600000).toISOString();

let waiting = null;
const soon = () => { waiting ??= setTimeout(() => { waiting = null; refresh(); }, PAUSE); };

// ---- showing ----

// As the plan of the round calls them: of a closed one that may be another than the campaign's of today.
const groupNames = () => new Map((state.board?.quota.groups ?? []).map(({ group, group_label }) => [group, group_label]));

async function openCell(unit, at) {
  try {
    showCell(await read(`/v1/evaluations/${state.board.latest_evaluation.id}/verdicts/${unit}`), at, unitPlace);
  } catch (fault) { tell(fault.message); }
}

function tell(text) {
  state.told = text;
  show();
  setTimeout(() => { if (state.told === text) { state.told = null; show(); } }, 8000);
}

async function showDebts() {
  const { items } = await readAll(`${state.path}/obligations?status=OVERDUE`);
  state.debts = items;
  show();
}

const ofRound = () => ({ me: state.me, path: state.path, each: state.each, of: `campaign=${encodeURIComponent(state.campaign?.code ?? "")}&year=${state.year}` });

async function showEach() {
  try {
    state.each = await readEach(ofRound());
  } catch (fault) { tell(fault.message); }
  show();
}

function show() {
  const { board } = state;
  const tongue = language(), groups = groupNames();
  const groupName = (code) => both(groups.get(code)) || code;
  const round = state.shownUnit ? null : board; // a unit's page stands in the place of the round's
  showHeader(state, { speak, enter, leave: () => leave(null) });
  showTitle(state, { choose: (code) => { location.hash = place(code); }, place });
  showNotice(state);
  showStale(board, tongue);
  showUnit(state.shownUnit, state.campaign && place(state.campaign.code, state.year), tongue);
  showPhase(round, tongue);
  showFunnel(round, groups, tongue);
  showPlaces(round, groups, tongue);
  showDuties(round, unitPlace, state.debts, showDebts, tongue);
  showMatrix(round, state.matrix?.evaluation === board?.latest_evaluation?.id ? state.matrix?.items : null, { place: unitPlace, groupName, open: openCell, language: tongue });
  showStandings(round && state.standings, unitPlace, tongue);
  showAwards(round && state.awards, groupOfAward, fetchFile(`/v1/awards?campaign=${encodeURIComponent(state.campaign?.code ?? "")}`, "text/csv", "awards.csv", tell), tongue);
  showPapers({ ...ofRound(), board: round }, { told: tell, showEach, language: tongue });
  showFooter();
}

// ---- what people do ----

async function speak(code) {
  chooseLanguage(code);
  show();
}

const hooks = { heard: soon, alive: (yes) => { if (state.live !== yes) { state.live = yes; show(); } if (!yes) soon(); } };

function begin() {
  turn++;
  document.querySelector("dialog")?.close();
  Object.assign(state, { board: null, standings: null, matrix: null, debts: null, each: null, shownUnit: null, me: null });
  show();
  listen(hooks);
  return refresh();
}

// Gives why the key was refused, or nothing. It is the page's key once it was taken: until then what is read meanwhile is read without it.
async function enter(key) {
  try {
    await ask("/v1/me", {}, bearer(key));
  } catch (fault) {
    return fault.message;
  }
  useKey(key);
  state.told = null;
  begin();
  return null;
}

function leave(why) {
  useKey(null);
  state.told = why;
  begin();
}

async function start() {
  const main = document.querySelector("main");
  chooseLanguage(language());
  main.append(...SECTIONS.map((id) => element("section", { id, "aria-labelledby": ["title", "stale"].includes(id) ? null : `${id}-title`, hidden: id !== "title" })));
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
  addEventListener("hashchange", () => { Object.assign(state, { debts: null, each: null }); refresh(); });
  for (const event of ["online", "focus"]) addEventListener(event, soon);
  setInterval(refresh, AGAIN);
  begin();
}

start();
