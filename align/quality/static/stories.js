// The list of all stories: only the rows that are in sight exist, and the data comes in pieces when it is needed.
import { breath, count, element, inTongue, probability } from "./dom.js";

const [TITLE, TAG, DATE, TAGS, LINKS, MEAN, LEAST, DOUBTFUL, LEFT_OUT] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

export class StoryList {
  // `source` has total, chunk, and load(number) that resolves to the rows of a piece; `href(rank)` is where a story is.
  constructor(root, config, source, href) {
    Object.assign(this, { root, config, source, href, rows: new Map(), loading: new Map(), ranks: null, progress: new Map() });
    this.search = element("input", { type: "search", placeholder: "Search titles, languages, dates", "aria-label": "Search in the stories", oninput: () => this.filterSoon() });
    this.range = element("input", { type: "range", min: 0.05, max: 1, step: 0.05, value: 1, "aria-label": "Only stories with a link less sure than", oninput: () => this.filterSoon() });
    this.limit = element("output", {}, "all");
    this.status = element("p", { className: "note", role: "status" });
    this.inner = element("ol", { className: "list", "aria-label": "Stories" });
    this.viewport = element("div", { className: "viewport", onscroll: () => this.draw() }, this.inner);
    root.replaceChildren(
      element("div", { className: "tools" }, this.search,
        element("label", { className: "below" }, "With links less sure than", this.range, this.limit)),
      this.status, this.viewport);
    this.inner.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw(true)).observe(this.viewport);
  }

  get height() { return matchMedia("(max-width: 44rem)").matches ? 96 : 64; }

  get size() { return this.ranks ? this.ranks.length : this.source.total; }

  async piece(number) {
    if (!this.loading.has(number)) {
      this.loading.set(number, Promise.resolve(this.source.load(number)).then((rows) => {
        rows.forEach((row, k) => this.rows.set(number * this.source.chunk + k, row));
        return rows;
      }).catch((error) => {
        this.loading.delete(number);
        throw error;
      }));
    }
    return this.loading.get(number);
  }

  draw(anew = false) {
    if (!this.viewport.clientHeight && !anew) return;
    const { height, size } = this;
    this.inner.style.height = `${size * height}px`;
    this.viewport.classList.toggle("short", size * height <= 700);
    const first = Math.max(0, Math.floor(this.viewport.scrollTop / height) - 6);
    const last = Math.min(size, Math.ceil((this.viewport.scrollTop + (this.viewport.clientHeight || 700)) / height) + 6);
    const there = new Map([...this.inner.children].map((made) => [Number(made.dataset.place), made]));
    for (const [place, made] of there) if (anew || place < first || place >= last) made.remove();
    for (let place = first; place < last; place++) {
      if (anew || !there.has(place)) this.insert(place);
    }
  }

  insert(place) {
    const rank = this.ranks ? this.ranks[place] : place;
    const row = this.rows.get(rank);
    if (!row) {
      this.piece(Math.floor(rank / this.source.chunk)).then(() => this.draw(), () => { this.status.textContent = "The list cannot be read."; });
      return;
    }
    const made = this.item(row, rank, place);
    const after = [...this.inner.children].find((other) => Number(other.dataset.place) > place);
    this.inner.insertBefore(made, after ?? null);
  }

  item(row, rank, place) {
    const tongue = this.config.tongues[row[TAG]];
    const done = this.progress.get(rank) ?? row[9] ?? 0;
    const mean = row[MEAN];
    const facts = [count(row[LINKS], "link"), mean === null ? null : `mean ${probability(mean)}`, row[LINKS] ? `least ${probability(row[LEAST])}` : null,
      row[DOUBTFUL] ? `${row[DOUBTFUL].toLocaleString("en")} doubtful` : null, row[LEFT_OUT] ? `${row[LEFT_OUT].toLocaleString("en")} left out` : null, row[DATE] || null];
    const shade = mean === null ? "null" : mean >= 0.95 ? "sure" : mean >= 0.8 ? "likely" : mean >= 0.5 ? "doubtful" : "poor";
    const made = element("li", { "data-place": String(place), "aria-posinset": String(place + 1), "aria-setsize": String(this.size) },
      element("a", { href: this.href(rank), className: shade },
        inTongue(element("bdi", { className: "title" }, row[TITLE]), tongue ?? { tag: "und", dir: "auto" }),
        element("span", { className: "facts" },
          element("span", { className: "tags" }, ...row[TAGS].map((tag) => element("code", {}, tag))),
          element("span", {}, facts.filter(Boolean).join(" · ")),
          this.config.mode === "review" && row[10] ? element("span", { className: done >= row[10] ? "done all" : "done" }, `${done} of ${row[10]} judged`) : null)));
    made.style.top = `${place * this.height}px`;
    return made;
  }

  key(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = event.target.closest("li");
    if (!by || !at) return;
    event.preventDefault();
    const place = Math.min(Math.max(Number(at.dataset.place) + by, 0), this.size - 1);
    const top = place * this.height;
    const { scrollTop, clientHeight } = this.viewport;
    if (top < scrollTop) this.viewport.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.viewport.scrollTop = top + this.height - clientHeight;
    this.draw();
    this.inner.querySelector(`[data-place="${place}"] a`)?.focus();
  }

  filterSoon() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.filter(), 150);
  }

  async filter() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    const wanted = this.search.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const below = Number(this.range.value);
    this.limit.textContent = below >= 1 ? "all" : below.toFixed(2);
    if (!wanted.length && below >= 1) {
      this.ranks = null;
      this.status.textContent = "";
      this.viewport.scrollTop = 0;
      this.draw(true);
      return;
    }
    const found = [];
    const pieces = Math.ceil(this.source.total / this.source.chunk);
    for (let number = 0; number < pieces; number++) {
      const rows = await this.piece(number);
      if (turn !== this.turn) return;
      rows.forEach((row, k) => {
        const rank = number * this.source.chunk + k;
        const text = `${row[TITLE]} ${row[TAGS].join(" ")} ${row[DATE]}`.toLowerCase();
        const fits = wanted.every((word) => text.includes(word) || this.source.holds?.(rank, word));
        if (fits && (below >= 1 || (row[LINKS] && row[LEAST] < below))) found.push(rank);
      });
      this.status.textContent = `${count(found.length, "story", "stories")}${number + 1 < pieces ? " so far" : ""}`;
      await breath();
      if (turn !== this.turn) return;
    }
    this.ranks = found;
    this.viewport.scrollTop = 0;
    this.draw(true);
  }
}
