"use strict";

// Every text goes in as text, never as markup: nothing here sets innerHTML.
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const inLanguage = (made, report) => Object.assign(made, { lang: report.lang, dir: report.dir });

// The same as `level` and `probability` in report.py.
const level = (p) => (p >= 0.95 ? "sure" : p >= 0.8 ? "likely" : p >= 0.5 ? "doubtful" : "poor");
const probability = (p) => (p > 0.995 ? ">0.99" : p.toFixed(2));

function sentences(report, indices) {
  return indices.map((index) => element(
    "p", report.furniture.includes(index) ? "furniture" : "",
    element("span", "number", String(index + 1)), report.text[index],
  ));
}

function link(p, reason) {
  const made = element("div", "link", element("span", "p", probability(p)));
  if (reason) made.append(element("span", "reason", reason));
  return made;
}

function pairView(story, one, two) {
  const swapped = !(`${one}-${two}` in story.pairs);
  const beads = story.pairs[swapped ? `${two}-${one}` : `${one}-${two}`] ?? [];
  const [left, right] = [story.reports[one], story.reports[two]];
  const rows = beads.map(([src, tgt, p, reason]) => {
    const [first, second] = swapped ? [tgt, src] : [src, tgt];
    const shade = src.length && tgt.length ? level(p) : "null";
    return element(
      "li", `bead ${shade}${reason ? " left-out" : ""}`,
      inLanguage(element("div", "side", ...sentences(left, first)), left),
      link(p, reason),
      inLanguage(element("div", "side", ...sentences(right, second)), right),
    );
  });
  const heads = element("div", "heads",
    inLanguage(element("span", "", left.own), left), element("span"), inLanguage(element("span", "", right.own), right));
  heads.setAttribute("aria-hidden", "true");
  return [heads, element("ol", "beads", ...rows)];
}

function unitView(story) {
  const head = element("tr", "", ...story.reports.map((report) => {
    const cell = inLanguage(element("th", "", report.own), report);
    cell.scope = "col";
    return cell;
  }));
  const rows = story.units.map((parts) => {
    const cells = story.reports.map((report, place) => {
      const part = parts.find(([where]) => where === place);
      if (!part) return element("td", "empty");
      const [, indices, p, reason] = part;
      const shade = parts.length > 1 ? level(p) : "null";
      const side = inLanguage(element("div", "side", ...sentences(report, indices)), report);
      return element("td", `${shade}${reason ? " left-out" : ""}`, side, link(p, reason));
    });
    return element("tr", "", ...cells);
  });
  const table = element("table", "unit-table", element("thead", "", head), element("tbody", "", ...rows));
  const scroll = element("div", "scroll", table);
  Object.assign(scroll, { tabIndex: 0, role: "region", ariaLabel: "Units in all languages" });
  return [scroll];
}

function prepare(details) {
  const data = details.querySelector('script[type="application/json"]');
  if (!data || details.dataset.ready) return;
  details.dataset.ready = "yes";
  const story = JSON.parse(data.textContent);
  const [form, place] = [details.querySelector(".choice"), details.querySelector(".text")];
  const [one, two, units] = [".one", ".two", ".units"].map((name) => form.querySelector(name));
  let before = [one.value, two.value];
  const show = (all) => {
    units.setAttribute("aria-pressed", String(all));
    place.replaceChildren(...(all ? unitView(story) : pairView(story, one.value, two.value)));
  };
  const chosen = (changed, other, previous) => {
    if (changed.value === other.value) other.value = previous;
    before = [one.value, two.value];
    show(false);
  };
  one.addEventListener("change", () => chosen(one, two, before[0]));
  two.addEventListener("change", () => chosen(two, one, before[1]));
  units.addEventListener("click", () => show(units.getAttribute("aria-pressed") !== "true"));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}

for (const details of document.querySelectorAll(".story")) {
  if (details.open) prepare(details);
  details.addEventListener("toggle", () => details.open && prepare(details));
}
