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

// Results as shapes, one path each, for there may be thousands: a disc with a tick, a cross, a clock, two bars, a dash.
const SHAPES = {
  P: "M8 .5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15zM6.9 11.9L3.4 8.4l1.2-1.2 2.3 2.2 4.5-4.9 1.2 1.1z",
  F: "M3.2 1.9L8 6.7l4.8-4.8 1.3 1.3L9.3 8l4.8 4.8-1.3 1.3L8 9.3l-4.8 4.8-1.3-1.3L6.7 8 1.9 3.2z",
  O: "M8 .8a7.2 7.2 0 1 0 0 14.4a7.2 7.2 0 1 0 0-14.4zM8 2.3a5.7 5.7 0 1 1 0 11.4a5.7 5.7 0 1 1 0-11.4zM7.3 4h1.4v3.7l2.7 1.6-.7 1.2L7.3 8.5z",
  D: "M4 3h2.6v10H4zM9.4 3H12v10H9.4z",
  N: "M4 7.2h8v1.6H4z",
};
export const symbol = (letter) => picture({ class: `symbol ${letter}`, viewBox: "0 0 16 16" }, drawn("path", { d: SHAPES[letter] }));

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
