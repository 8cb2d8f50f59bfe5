// The pictures of a story: two of its reports against each other, along the diagonal and by similarity.
import { element } from "./dom.js";
import { Plot } from "./plots.js";
import { pairRows } from "./rows.js";

export class Pictures {
  // `onchoose(place, index)` is told which sentence a bead that was clicked begins with.
  constructor(onchoose) {
    this.onchoose = onchoose;
    const choose = (bead) => this.choose(bead);
    this.plots = [new Plot("Diagonal", choose), new Plot("Similarity, with the path", choose)];
    this.sides = [0, 1].map((side) => element("select", { "aria-label": side ? "Across" : "Down", onchange: () => this.draw() }));
    this.noHeat = element("p", { className: "note" }, "No similarity map: it takes the encoder of the run, unchanged and at hand.");
    this.details = element("details", { className: "pictures", ontoggle: () => this.draw() },
      element("summary", {}, "Pictures"),
      element("div", { className: "plots" },
        element("div", { className: "sides" }, this.sides[0], element("span", { "aria-hidden": "true" }, "×"), this.sides[1]),
        ...this.plots.map((plot) => plot.figure), this.noHeat));
  }

  // Shows the first two of the columns that are read.
  show(story, columns) {
    this.story = story;
    this.sides.forEach((select, side) => {
      select.replaceChildren(...story.reports.map((report, place) => element("option", { value: String(place) }, report.name)));
      select.value = String(columns[side]);
    });
  }

  get places() {
    const [one, two] = this.sides.map((select) => Number(select.value));
    if (one !== two) return [one, two];
    this.sides[1].value = one ? "0" : "1";
    return [one, one ? 0 : 1];
  }

  draw(story = this.story) {
    this.story = story;
    if (!this.details.open || !story || story.reports.length < 2) return;
    const [one, two] = this.places;
    const [left, right] = [story.reports[one], story.reports[two]];
    const beads = pairRows(story, [one, two]).map(({ cells, p }) =>
      [cells.get(one).indices.map((i) => i - left.first), cells.get(two).indices.map((j) => j - right.first), p]);
    const heat = story.heat?.[`${Math.min(one, two)}-${Math.max(one, two)}`];
    const axes = [left, right].map(({ tag, name, text }) => ({ tag, name, size: text.length }));
    this.plots[0].show(...axes, beads, null);
    this.plots[1].figure.hidden = !heat;
    if (heat) this.plots[1].show(...axes, beads, one < two ? heat : turned(heat));
    this.noHeat.hidden = Boolean(heat);
  }

  choose([src, tgt]) {
    const [one, two] = this.places;
    const { reports } = this.story;
    if (src.length) this.onchoose(one, src[0] + reports[one].first);
    else this.onchoose(two, tgt[0] + reports[two].first);
  }
}

function turned([rows, columns, data]) {
  const cells = atob(data);
  let found = "";
  for (let j = 0; j < columns; j++) for (let i = 0; i < rows; i++) found += cells[i * columns + j];
  return [columns, rows, btoa(found)];
}
