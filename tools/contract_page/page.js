"use strict";
(() => {
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const plain = (words) => words.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();

  // The filter: every word must be found; diacritics and case do not matter.
  const filter = byId("filter");
  const articles = all("article").map((article) => ({ article, words: plain([article.id, ...all("h3, .summary, .rows > li > code", article).map((part) => part.textContent)].join(" ")) }));
  const links = new Map(all("nav li a").map((link) => [link.hash.slice(1), link.parentElement]));
  const apply = () => {
    const wanted = plain(filter.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const { article, words } of articles) {
      article.hidden = !wanted.every((word) => words.includes(word));
      found += !article.hidden;
      const link = links.get(article.id);
      if (link) link.hidden = article.hidden;
    }
    for (const group of all("nav div, main > section")) {
      const parts = all("li, article", group);
      group.hidden = wanted.length > 0 && parts.every((part) => part.hidden);
    }
    byId("found").value = wanted.length ? `${found} found` : "";
  };
  filter.closest("label").hidden = false;
  filter.addEventListener("input", apply);
  addEventListener("hashchange", () => {
    const target = byId(location.hash.slice(1));
    if (target?.closest("[hidden]")) {
      filter.value = "";
      apply();
      target.scrollIntoView();
    }
  });

  // A line of curl can be copied; where the page may not write to the clipboard, it is marked to be copied by hand.
  const origin = byId("origin");
  if (origin && location.protocol.startsWith("http")) origin.textContent = location.origin;
  for (const pre of all("pre.curl")) {
    const button = document.createElement("button");
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy curl ${pre.closest("[id]").id}`);
    button.addEventListener("click", async () => {
      getSelection().selectAllChildren(pre.firstElementChild);
      const done = await navigator.clipboard?.writeText(pre.firstElementChild.textContent).then(() => true, () => false);
      button.textContent = done || document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    pre.before(button);
  }

  // What language was chosen is kept for the next visit, where the browser keeps anything.
  const languages = all("input[name=language]");
  try {
    const kept = byId(localStorage.getItem("language") ?? "both");
    if (languages.includes(kept)) kept.checked = true;
    for (const input of languages) input.addEventListener("change", () => localStorage.setItem("language", input.id));
  } catch { /* a browser that keeps nothing */ }

  // The contents: open beside the text, closed above it.
  const wide = matchMedia("(min-width: 60rem)"), menu = byId("menu");
  const fit = () => { menu.open = wide.matches; };
  wide.addEventListener("change", fit);
  fit();
  if (wide.matches) for (const example of all(".aside details:first-of-type")) example.open = true;
  menu.addEventListener("click", (event) => { if (event.target.closest("a") && !wide.matches) menu.open = false; });

  // The side list marks what is being read.
  let current;
  const observer = new IntersectionObserver((seen) => {
    for (const entry of seen) {
      const link = entry.isIntersecting && links.get(entry.target.id)?.firstElementChild;
      if (!link) continue;
      current?.removeAttribute("aria-current");
      current = link;
      link.setAttribute("aria-current", "true");
      if (wide.matches) {
        const box = link.closest("nav"), at = link.getBoundingClientRect(), edge = box.getBoundingClientRect();
        if (at.top < edge.top || at.bottom > edge.bottom) box.scrollTop += at.top - edge.top - edge.height / 3;
      }
    }
  }, { rootMargin: "-15% 0px -75% 0px" });
  for (const { article } of articles) observer.observe(article);
})();
