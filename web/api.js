// The only way to the service: reads, with the key of this tab in the field Authorization and nowhere else.
import { language } from "./text.js";

let key = keptKey();

function keptKey() {
  try { return sessionStorage.getItem("key"); } catch { return null; }
}

export const bearer = (value) => (value ? { Authorization: `Bearer ${value}` } : {});
export const hasKey = () => key !== null;

export function useKey(value) {
  key = value;
  try {
    if (value) sessionStorage.setItem("key", value);
    else sessionStorage.removeItem("key");
  } catch { /* then it is gone with the page */ }
}

export class Refusal extends Error {
  constructor(status, problem) {
    super([problem?.title, problem?.detail].filter(Boolean).join(": ") || `HTTP ${status}`); // a proxy's own refusal has no problem
    this.status = status;
  }
}

export async function ask(path, { accept = "application/json", ...options } = {}, more = {}) {
  const headers = { Accept: accept, "Accept-Language": language(), ...bearer(key), ...more };
  const answer = await fetch(path, { headers, cache: "no-cache", ...options });
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null));
  return answer;
}

export const read = async (path) => (await ask(path)).json();

// What this caller may not read is not there for this page.
export async function readIfAllowed(path) {
  try {
    return await read(path);
  } catch (fault) {
    if ([401, 403, 404].includes(fault.status)) return null;
    throw fault;
  }
}

// Every page of a list, one after the other.
export async function readAll(path) {
  const items = [];
  let page, cursor = "";
  do {
    page = await read(`${path}${path.includes("?") ? "&" : "?"}limit=200${cursor}`);
    items.push(...page.items);
    cursor = page.next ? `&cursor=${encodeURIComponent(page.next)}` : null;
  } while (cursor);
  return { ...page, items };
}

export async function save(path, accept, name) {
  const answer = await ask(path, { accept });
  const given = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = given?.[1] ?? name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
