// Elements made of data: every text is a text node, so nothing that comes from outside is ever markup.
function made(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return node;
}

export const element = (tag, attributes, ...children) => made(document.createElement(tag), attributes, children);
export const drawn = (tag, attributes, ...children) => made(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

export const picture = (attributes, ...children) => drawn("svg", { "aria-hidden": "true", focusable: "false", ...attributes }, ...children);
export const symbol = (letter) => picture({ class: `symbol ${letter}`, viewBox: "0 0 16 16" }, drawn("use", { href: `#cell-${letter}` }));

// A part of the page with a heading, which is drawn anew only when what it shows has changed. Focus stays where it was.
const shown = new Map();
export function section(id, model, draw) {
  const place = document.getElementById(id);
  const print = JSON.stringify(model);
  if (shown.get(id) === print && place.childElementCount) return;
  shown.set(id, print);
  const focused = place.contains(document.activeElement) ? document.activeElement.id : null;
  const content = model === null || model === undefined ? [] : draw().flat(Infinity).filter((part) => part !== null && part !== undefined && part !== "");
  place.hidden = content.length === 0;
  place.replaceChildren(...content);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

export const headed = (id, title, ...more) => element("div", { class: "heading" }, element("h2", { id: `${id}-title` }, title), ...more);
