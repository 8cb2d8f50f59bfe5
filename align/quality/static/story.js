// One story: its texts side by side, what is shown of them, pictures, and moving about by keyboard.
import { button, count, element, inTongue, letterOf, typing } from "./dom.js";
import { Marker, markFound } from "./words.js";
import { Pictures } from "./pictures.js";
import { Rows, isDoubtful, pairRows, unitRows } from "./rows.js";

const COLUMN = 300; // least width of a column that is easy to read, in CSS pixels
const KEYS = [
  ["↑ ↓ or k j", "row before, row after"], ["← → or h l", "column before, column after"],
  ["n, Shift+n", "next doubtful row, the one before"], ["/", "search"], ["[ ]", "story before, story after"],
  ["Escape", "back to the list"], ["?", "these keys"],
];

export class StoryView {
  // `hooks` has back(), step(by), and for a review keys, onkey(event), onselect().
  constructor(root, config, hooks) {
    Object.assign(this, { root, config, hooks });
    this.marker = new Marker(config.letters);
    this.selected = null;
    this.below = 1;
    this.wanted = "";
    this.build();
    document.addEventListener("keydown", (event) => this.key(event));
  }

  build() {
    this.heading = element("h1");
    this.about = element("div", { className: "about" });
    this.chips = element("div", { className: "chips", role: "group", "aria-label": "Columns" });
    this.search = element("input", { type: "search", placeholder: "Search", "aria-label": "Search in the texts", oninput: () => this.filterSoon() });
    this.range = element("input", { type: "range", min: 0.05, max: 1, step: 0.05, value: 1, "aria-label": "Only rows less sure than", oninput: () => this.filterSoon() });
    this.limit = element("output", {}, "all rows");
    this.heads = element("div", { className: "heads", "aria-hidden": "true" });
    this.list = element("ol", { className: "rows", "aria-label": "Rows of the story" });
    this.empty = element("p", { className: "nothing", hidden: true }, "No row fits.");
    this.pane = element("div", { className: "pane" }, this.heads, this.list, this.empty);
    this.rows = new Rows(this.list);
    this.pictures = new Pictures((place, index) => this.selectSentence(place, index));
    this.help = this.buildHelp();
    this.message = element("div", { className: "message", role: "status" });
    this.bar = element("div", { className: "bar", role: "toolbar", "aria-label": "Corrections", hidden: true });
    this.root.replaceChildren(
      element("header", { className: "story-head" },
        element("nav", { className: "steps", "aria-label": "Stories" },
          this.home = button("← All stories", { onclick: () => this.hooks.back() }),
          this.previous = button("‹", { "aria-label": "Story before", onclick: () => this.hooks.step(-1) }),
          this.following = button("›", { "aria-label": "Story after", onclick: () => this.hooks.step(1) }),
          this.where = element("span", { className: "where" }), this.search,
          button("Keys, colours", { className: "keys", onclick: () => this.help.showModal() }, "?")),
        this.heading, this.about),
      element("div", { className: "tools" }, this.chips,
        element("label", { className: "below" }, "Less sure than", this.range, this.limit)),
      element("main", { className: "body" }, this.pane, this.pictures.details),
      this.bar, this.message, this.help);
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("pointerover", (event) => this.marker.mark(event.target.closest(".row")));
    this.list.addEventListener("pointerleave", () => this.marker.mark(this.selected?.row ?? null));
    this.list.addEventListener("focusin", (event) => this.marker.mark(event.target.closest(".row")));
  }

  buildHelp() {
    const lines = [...(this.hooks.keys ?? []), ...KEYS].map(([keys, what]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, keys)), element("dd", {}, what)));
    const dialog = element("dialog", { className: "help", "aria-labelledby": "help-title" },
      element("h2", { id: "help-title" }, "Keys and colours"), element("dl", {}, ...lines),
      element("ul", { className: "legend", "aria-label": "Shades of confidence" },
        ...[["sure", "0.95 and more"], ["likely", "0.80 and more"], ["doubtful", "0.50 and more"], ["poor", "less than 0.50"],
          ["null", "no counterpart"], ["checked", "checked by a person"]].map(([name, what]) => element("li", { className: name }, what))),
      element("form", { method: "dialog" }, button("Close", { className: "primary", onclick: () => dialog.close() })));
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    return dialog;
  }

  // Shows a story; `rank` of `total` says where it stands in the list.
  async open(story, rank, total) {
    this.story = story;
    this.selected = null;
    this.marker.clear();
    const first = story.reports.find((report) => report.title) ?? story.reports[0];
    this.heading.replaceChildren(inTongue(element("bdi", {}, first.title), first));
    document.title = first.title;
    this.where.textContent = `${(rank + 1).toLocaleString("en")} of ${total.toLocaleString("en")}`
      + (story.parts > 1 ? `, part ${story.part + 1} of ${story.parts}` : "");
    this.previous.disabled = rank === 0 && story.part === 0;
    this.following.disabled = rank === total - 1 && story.part === story.parts - 1;
    this.about.replaceChildren(this.reports());
    this.chooseColumns();
    this.buildChips();
    this.pictures.show(story, this.columns);
    this.pictures.details.open = matchMedia("(min-width: 70rem)").matches && this.columns.length <= 3;
    this.pane.scrollTop = 0;
    await this.refresh();
  }

  reports() {
    const { reports } = this.story;
    const dates = [...new Set(reports.map((report) => report.date).filter(Boolean))].sort();
    return element("details", { className: "reports" },
      element("summary", {}, `${count(reports.length, "report")}${dates.length ? ` · ${dates[0]}${dates.length > 1 ? ` to ${dates.at(-1)}` : ""}` : ""}`),
      element("ul", {}, ...reports.map((report) => element("li", {},
        element("code", {}, report.tag), " ", inTongue(element("bdi", {}, report.title), report),
        report.date ? element("span", { className: "note" }, ` ${report.date}`) : null,
        report.url ? element("a", { href: report.url, rel: "noreferrer noopener nofollow" }, "source") : null))));
  }

  // Keeps the languages that were chosen before; else as many as fit.
  chooseColumns() {
    const { reports } = this.story;
    const before = reports.map((report, place) => place).filter((place) => this.chosenTags?.has(reports[place].tag));
    const fitting = Math.max(2, Math.floor((this.root.clientWidth - 90) / COLUMN));
    this.columns = before.length > 1 ? before : reports.map((report, place) => place).slice(0, fitting);
  }

  buildChips() {
    const { reports } = this.story;
    const chips = reports.map((report, place) => inTongue(button(report.own, {
      title: `${report.name}: show or hide`, "aria-pressed": String(this.columns.includes(place)), onclick: () => this.toggle(place),
    }), report));
    const all = reports.length > 2 ? button("all", { "aria-pressed": String(this.columns.length === reports.length), onclick: () => this.setColumns(reports.map((report, k) => k)) }) : null;
    const along = this.hooks.onkey && !this.pair && this.columns.length < reports.length
      ? element("span", { className: "note" }, "What is hidden moves along.") : null;
    this.chips.replaceChildren(...[...chips, all, along].filter(Boolean));
  }

  toggle(place) {
    const next = this.columns.includes(place) ? this.columns.filter((one) => one !== place) : [...this.columns, place].sort((a, b) => a - b);
    if (next.length > 1) this.setColumns(next);
    else this.say("Two columns at least.");
  }

  setColumns(columns) {
    const focused = [...this.chips.children].indexOf(document.activeElement);
    this.columns = columns;
    this.chosenTags = new Set(columns.map((place) => this.story.reports[place].tag));
    this.selected = null;
    this.buildChips();
    this.chips.children[focused]?.focus();
    this.pictures.show(this.story, columns);
    this.refresh();
  }

  // The beads of two languages where two are shown, else the units.
  get pair() { return this.columns.length === 2 ? this.columns : null; }

  model() { return this.pair ? pairRows(this.story, this.pair) : unitRows(this.story, this.columns); }

  async refresh() {
    this.heads.style.setProperty("--columns", this.columns.length);
    this.heads.replaceChildren(element("span"), ...this.columns.map((place) => {
      const report = this.story.reports[place];
      return inTongue(element("span", { "data-place": String(place) }, report.own), report);
    }));
    this.list.classList.toggle("pair", Boolean(this.pair));
    const done = await this.rows.show(this.story, this.columns, this.model(), this.story.texts);
    if (!done) return;
    if (!this.list.querySelector('.row[tabindex="0"]') && this.list.firstElementChild) this.list.firstElementChild.tabIndex = 0;
    this.filter();
    this.pictures.draw(this.story);
    this.hooks.onshow?.();
  }

  filterSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.filter(), 80);
  }

  filter() {
    this.below = Number(this.range.value);
    this.wanted = this.search.value.trim().toLowerCase();
    this.limit.textContent = this.below >= 1 ? "all rows" : this.below.toFixed(2);
    let shown = 0;
    const elements = [...this.list.children];
    for (const made of elements) {
      const fits = (this.below >= 1 || (made.row.by === null && made.row.p < this.below))
        && (!this.wanted || [...made.querySelectorAll(".text")].some((text) => text.textContent.toLowerCase().includes(this.wanted)));
      if (made.hidden === fits) made.hidden = !fits;
      shown += fits;
    }
    this.empty.hidden = shown > 0;
    const turn = (this.turn = (this.turn ?? 0) + 1);
    markFound(elements.filter((made) => !made.hidden), this.wanted, () => turn === this.turn);
  }

  selectSentence(place, index) {
    const found = [...this.list.children].find((made) => !made.hidden && made.row.cells.get(place)?.indices.includes(index));
    if (found) this.select(found, place, index);
  }

  click(event) {
    const made = event.target.closest(".row");
    if (!made || event.target.closest("a") || !getSelection().isCollapsed) return;
    const cell = event.target.closest(".cell");
    const sentence = event.target.closest(".sentence");
    this.select(made, cell ? Number(cell.dataset.place) : this.selected?.place, sentence ? Number(sentence.dataset.index) : undefined);
  }

  // Selects a row, a column of it and a sentence there; what is not given is the first that there is.
  select(made, place, index) {
    const { cells } = made.row;
    if (!this.columns.includes(place)) place = this.columns.find((one) => cells.get(one)?.indices.length) ?? this.columns[0];
    const indices = cells.get(place)?.indices ?? [];
    if (!indices.includes(index)) [index] = indices;
    for (const old of this.list.querySelectorAll(".selected")) old.classList.remove("selected");
    for (const old of this.list.querySelectorAll('.row[tabindex="0"]')) old.tabIndex = -1;
    made.classList.add("selected");
    made.tabIndex = 0;
    const cell = made.querySelector(`.cell[data-place="${place}"]`);
    cell?.classList.add("selected");
    cell?.querySelector(`.sentence[data-index="${index}"]`)?.classList.add("selected");
    this.selected = { row: made, place, index };
    made.focus({ preventScroll: true });
    made.scrollIntoView({ block: "nearest" });
    cell?.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.hooks.onselect?.();
  }

  visible() { return [...this.list.children].filter((made) => !made.hidden); }

  moveRow(by) {
    const rows = this.visible();
    const at = rows.indexOf(this.selected?.row ?? document.activeElement?.closest?.(".row"));
    const next = at < 0 ? rows[0] : rows[Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) this.select(next, this.selected?.place);
  }

  // Left and right go through the sentences of a cell, then on to the next column.
  moveColumn(by) {
    if (!this.selected) return this.moveRow(0);
    const { row, place, index } = this.selected;
    const indices = row.row.cells.get(place)?.indices ?? [];
    const next = indices[indices.indexOf(index) + by];
    if (next !== undefined) return this.select(row, place, next);
    const column = this.columns[this.columns.indexOf(place) + by];
    if (column === undefined) return undefined;
    const there = row.row.cells.get(column)?.indices ?? [];
    return this.select(row, column, by > 0 ? there[0] : there.at(-1));
  }

  moveDoubtful(by) {
    const rows = this.visible();
    const at = this.selected ? rows.indexOf(this.selected.row) : -1;
    const order = by > 0 ? [...rows.slice(at + 1), ...rows.slice(0, at + 1)] : [...rows.slice(0, Math.max(at, 0)).reverse(), ...rows.slice(Math.max(at, 0)).reverse()];
    const found = order.find((made) => isDoubtful(made.row, this.config.doubtful));
    if (found) {
      const place = this.columns.find((one) => (found.row.cells.get(one)?.p ?? 1) < this.config.doubtful && found.row.cells.get(one).indices.length);
      this.select(found, place ?? this.selected?.place);
    } else this.say(`No doubtful row ${this.hooks.onkey ? "left " : ""}in ${this.pair && this.story.reports.length > 2 ? "these two columns" : "this story"}.`);
    return Boolean(found);
  }

  say(text) {
    this.message.textContent = text;
    clearTimeout(this.saying);
    this.saying = setTimeout(() => { this.message.textContent = ""; }, 6000);
  }

  key(event) {
    if (this.root.hidden || !this.story || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && event.target.matches?.("input, select")) {
      event.target.blur();
      return;
    }
    if (typing(event.target) || event.altKey) return;
    if (this.hooks.onkey?.(event)) {
      event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (event.target.matches?.("input[type=range]") && event.key.startsWith("Arrow")) return;
    const actions = {
      ArrowDown: () => this.moveRow(1), j: () => this.moveRow(1), ArrowUp: () => this.moveRow(-1), k: () => this.moveRow(-1),
      ArrowRight: () => this.moveColumn(1), l: () => this.moveColumn(1), ArrowLeft: () => this.moveColumn(-1),
      h: () => this.moveColumn(-1), n: () => this.moveDoubtful(1), N: () => this.moveDoubtful(-1),
      "/": () => this.search.focus(), "[": () => this.hooks.step(-1), "]": () => this.hooks.step(1),
      Escape: () => this.hooks.back(), "?": () => this.help.showModal(),
    };
    const key = letterOf(event);
    if (key in actions) {
      event.preventDefault();
      actions[key]();
    }
  }

}
