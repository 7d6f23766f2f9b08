// The head of the page: what is shown, whether it is live, the language, and who looks.
import { dialogue } from "./cell.js";
import { element, section } from "./dom.js";
import { both, day, language, languageNames, say, wordsFor } from "./text.js";

export function showHeader(state, acts) {
  const { me, campaign } = state;
  section("head", [language(), me, campaign?.issuer], () => [
    element("a", { class: "brand", href: "#" }, "thidua", element("small", {}, campaign ? both(campaign.issuer) : say("service"))),
    element("p", { id: "live" }),
    element("div", { class: "choice", role: "group", "aria-label": say("language") }, Object.entries(languageNames).map(([code, name]) => element("button", {
      type: "button", id: `language-${code}`, lang: code, "aria-pressed": String(language() === code), click: () => acts.speak(code) }, name))),
    me ? element("p", { class: "who" }, element("span", {}, [...new Set([...me.roles.map((role) => wordsFor("Role", role)), me.unit_label])].filter(Boolean).join(" · ")),
      element("button", { type: "button", id: "leave", click: acts.leave }, say("leave")))
      : element("button", { type: "button", id: "enter", click: () => enter(acts.enter) }, say("enter")),
  ]);
  document.querySelector(".skip").textContent = say("skip");
  showLive(state);
}

function showLive({ live: heard, away, at }) {
  const live = heard && !away;
  const place = document.getElementById("live");
  place.className = live ? "on" : "off";
  place.replaceChildren(live ? say("live") : say("not_live"), ...(at ? [element("small", {}, ` · ${say("as_at", at.slice(0, 5))}`)] : []));
}

function enter(use) {
  const told = element("p", { class: "warning", role: "alert", hidden: true });
  const field = element("input", { type: "password", id: "key", autocomplete: "off", spellcheck: "false", required: true, "aria-describedby": "key-hint" });
  const form = element("form", { submit: async (event) => {
    event.preventDefault();
    const refused = await use(field.value.trim());
    if (!refused) return box.close();
    told.hidden = false;
    told.textContent = refused;
    field.select();
  } }, element("label", { for: "key" }, say("key")), field, element("button", { type: "submit" }, say("open")), told, element("p", { class: "dim", id: "key-hint" }, say("key_hint")));
  const box = dialogue(say("enter"), form);
  field.focus();
}

function years(state, place) {
  return element("nav", { class: "choice", "aria-label": say("year") }, state.rounds.map(({ year }) => element("a", {
    href: place(state.campaign.code, year), id: `year-${year}`, "aria-current": year === state.year ? "page" : null }, String(year))));
}

function campaigns(state, choose) {
  if (state.campaigns.length < 2) return null;
  return element("label", {}, element("span", {}, say("campaign")), element("select", { id: "campaign", change: (event) => choose(event.target.value) },
    state.campaigns.map((campaign) => element("option", { value: campaign.code, selected: campaign.code === state.campaign.code }, `${campaign.code} · ${both(campaign.title)}`))));
}

let shown = "";
export function showTitle(state, acts) {
  const place = document.getElementById("title");
  const { campaign } = state;
  const print = JSON.stringify([language(), campaign?.code, state.year, state.rounds?.map(({ year }) => year), state.campaigns?.map(({ code }) => code)]);
  if (print === shown) return;
  shown = print;
  if (!campaign) return place.replaceChildren(element("h1", {}, say("service")), element("p", { class: "dim" }, say(state.campaigns ? "no_campaign" : "loading")));
  document.title = `${both(campaign.title)} · ${state.year ?? ""}`;
  const focused = place.contains(document.activeElement) ? document.activeElement.id : null;
  place.replaceChildren(
    element("div", { class: "pickers" }, campaigns(state, acts.choose), state.rounds.length ? years(state, acts.place) : null),
    element("h1", {}, both(campaign.title)),
    element("p", { class: "dim" }, [say("plan", campaign.code.replace("-", "/")), both(campaign.issuer), campaign.issued_on && say("issued", day(campaign.issued_on))].filter(Boolean).join(" · ")),
    state.rounds.length ? "" : element("p", {}, say("no_round")));
  if (focused) document.getElementById(focused)?.focus();
}

export function showNotice(state) {
  const text = state.told ?? (state.away ? (state.at ? say("away", state.at) : say("away_at_start")) : "");
  const place = document.getElementById("notice");
  if (place.textContent !== text) place.replaceChildren(...(text ? [element("p", { class: "warning" }, text)] : []));
}

export function showFooter() {
  document.querySelector("footer").replaceChildren(element("p", {}, say("foot")),
    element("p", {}, element("a", { href: "/docs" }, say("docs")), " · ", element("a", { href: "/v1" }, say("links"))));
}
