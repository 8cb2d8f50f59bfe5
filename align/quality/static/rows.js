// The rows of a story: units in all languages, or the beads of two; made a few at a time, kept where nothing changed.
import { breath, element, inTongue, level, probability } from "./dom.js";

const SLICE = 8; // milliseconds of work before the browser may draw

// A row is {key, cells: place → {indices, p, reason, by}, p, by, reason, kind}; its figures are those of what is shown.
function row(cells, shown = [...cells.keys()]) {
  const parts = shown.filter((place) => cells.has(place)).map((place) => cells.get(place));
  const filled = parts.filter((part) => part.indices.length);
  const key = JSON.stringify([...cells].map(([place, part]) => [place, part.indices, part.p, part.reason, part.by]));
  return {
    key, cells, p: Math.min(...parts.map((part) => part.p)), kind: filled.length > 1 ? "link" : "null",
    by: parts.every((part) => part.by !== null) ? parts[0].by : null,
    reason: parts.find((part) => part.reason)?.reason ?? null,
  };
}

export function unitRows(story, shown) {
  return story.units.map((parts) => new Map(parts.map(([place, indices, p, reason, by]) => [place, { indices, p, reason, by }])))
    .filter((cells) => shown.some((place) => cells.has(place)))
    .map((cells) => row(cells, shown));
}

export function pairRows(story, [one, two]) {
  const straight = `${one}-${two}` in story.pairs;
  return (story.pairs[straight ? `${one}-${two}` : `${two}-${one}`] ?? []).map(([src, tgt, p, reason, by]) => {
    const [left, right] = straight ? [src, tgt] : [tgt, src];
    return row(new Map([[one, { indices: left, p, reason, by }], [two, { indices: right, p, reason, by }]]));
  });
}

export const isDoubtful = (one, least) => one.by === null && one.p < least;

function sentences(report, part) {
  return part.indices.map((index) => {
    const furniture = report.furniture.includes(index);
    return element("p", { className: furniture ? "sentence furniture" : "sentence", "data-index": String(index) },
      element("span", { className: "number" }, String(index + 1)),
      element("span", { className: "text" }, report.text[index - report.first] ?? "…"),
      furniture ? element("span", { className: "aside", lang: "en" }, "page furniture") : null);
  });
}

function cell(story, place, part, alone) {
  const report = story.reports[place];
  const made = inTongue(element("div", { className: "cell", "data-place": String(place), "data-tag": report.tag }), report);
  if (!part || !part.indices.length) {
    made.classList.add("empty");
    return made;
  }
  made.append(...sentences(report, part));
  if (!alone) made.append(element("span", { className: "own-p", lang: "en", dir: "ltr" }, probability(part.p)));
  return made;
}

function rowElement(story, columns, one) {
  const shade = one.kind === "null" ? "null" : level(one.p);
  const words = one.by !== null ? "checked" : probability(one.p);
  const figure = element("div", { className: "gutter" },
    element("span", { className: "p" }, one.by !== null ? "✓" : words),
    one.by !== null ? element("span", { className: "note" }, element("bdi", {}, one.by))
      : one.reason ? element("span", { className: "note" }, one.reason) : null);
  const made = element("li", {
    className: `row ${one.by !== null ? "checked" : shade}${one.reason ? " left-out" : ""}`, tabIndex: -1,
    "aria-label": one.by !== null ? `checked by ${one.by}` : `confidence ${words}${one.reason ? `, ${one.reason}` : ""}`,
    title: one.by !== null ? `checked by ${one.by}` : `confidence ${one.p.toFixed(3)}${one.reason ? `: ${one.reason}` : ""}`,
  }, figure, ...columns.map((place) => cell(story, place, one.cells.get(place), one.cells.size === 1 || columns.length === 2)));
  made.row = one;
  return made;
}

export class Rows {
  constructor(list) {
    this.list = list;
    this.turn = 0;
    this.textVersion = null;
  }

  // Shows rows; elements of rows that were there before, in the same columns with the same texts, stay.
  async show(story, columns, rows, textVersion = "") {
    const turn = ++this.turn;
    const same = `${textVersion}|${columns}`;
    const old = new Map();
    if (same === this.same) for (const made of this.list.children) old.set(made.row.key, made);
    this.same = same;
    this.list.style.setProperty("--columns", columns.length);
    const wanted = new Set(rows.map((one) => one.key));
    for (const made of [...this.list.children]) if (!old.has(made.row.key) || !wanted.has(made.row.key)) made.remove();
    let before = this.list.firstElementChild;
    let from = performance.now();
    for (const one of rows) {
      const kept = old.get(one.key);
      if (kept && kept === before) {
        kept.row = one;
        before = before.nextElementSibling;
      } else this.list.insertBefore(kept ?? rowElement(story, columns, one), before);
      if (performance.now() - from > SLICE) {
        await breath();
        if (turn !== this.turn) return false;
        from = performance.now();
      }
    }
    return true;
  }
}
