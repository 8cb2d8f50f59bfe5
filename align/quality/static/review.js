// Corrections: each is sent to the server at once, which alone knows what a correction means and keeps it.
import { button, element, letterOf } from "./dom.js";
import { BoundaryDialog } from "./boundary.js";

const PATIENCE = 2000; // milliseconds between two looks at what others did

// key, label, what the help says, operation; a null key has none of its own.
const TOOLS = [
  ["a", "Accept", "accept the row, on to the next doubtful one", "accept"],
  ["m", "Merge ↓", "merge with the row below", "merge"],
  ["M", "Merge ↑", "merge with the row above", "merge above"],
  ["s", "Split", "split the row before the chosen sentence", "split"],
  ["u", "Move ↑", "move the sentence to the row above", "up"],
  ["d", "Move ↓", "move the sentence to the row below", "down"],
  ["x", "Unlink", "take the column out of its row", "unlink"],
  ["e", "Boundary", "move the end of the sentence", "boundary"],
  ["L", "Lock", "lock the column: what is done elsewhere leaves it as it stands", "lock"],
  ["z", "Undo", "undo", "undo"],
  ["y", "Redo", "redo", "redo"],
];
const ALSO = { Enter: "accept", Z: "redo", "Shift+ArrowUp": "up", "Shift+ArrowDown": "down" };

export class Review {
  constructor(config) {
    Object.assign(this, { config, locked: new Set(), later: [], working: false, progress: null });
    this.address = `${location.pathname}api/`;
  }

  get busy() { return this.working; }

  set busy(busy) {
    this.working = busy;
    this.view.list.setAttribute("aria-busy", String(busy));
  }

  async ask(path, body) {
    let answer;
    try {
      answer = await fetch(this.address + path, body === undefined ? { cache: "no-store" }
        : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    } catch {
      throw new Error("The server does not answer; nothing was changed. Start `align review` again and open its new address.");
    }
    const data = await answer.json().catch(() => ({}));
    if (!answer.ok && answer.status !== 409) throw new Error(data.error ?? `The server refuses (${answer.status}).`);
    return { ...data, overtaken: answer.status === 409 };
  }

  async piece(number) { return (await this.ask(`list/${number}`)).rows; }

  async load(rank) {
    try {
      const story = await this.ask(`stories/${rank}`);
      this.rank = rank;
      this.tell(story);
      return story;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  start(list) {
    this.list = list;
    this.dialog = new BoundaryDialog();
    this.tell({ progress: this.config.progress });
    setInterval(() => this.look(), PATIENCE);
    document.addEventListener("visibilitychange", () => this.look());
  }

  // Makes the list anew once a story was left: what is judged there has changed.
  left(list) {
    this.rank = null;
    list.loading.clear();
    list.rows.clear();
    list.draw(true);
  }

  hooks() {
    return {
      keys: [...TOOLS.map(([key, , what]) => [key === key.toLowerCase() ? key : `Shift+${key.toLowerCase()}`, what]),
        ["Enter", "accept"], ["Shift+↑ ↓", "move the sentence up, down"]],
      onkey: (event) => this.key(event), onselect: () => this.enable(), onshow: () => this.enable(),
    };
  }

  attach(view, go) {
    if (this.view) return;
    Object.assign(this, { view, go });
    this.tools = new Map(TOOLS.map(([key, label, what, name]) =>
      [name, button(label, { title: what, onclick: () => this.do(name) }, key === key.toLowerCase() ? key : `⇧${key}`)]));
    this.next = button("Next doubtful", { className: "primary", title: "next doubtful row, here or in the next story", onclick: () => this.nextDoubtful() }, "n");
    this.told = element("span", { className: "told" });
    view.bar.hidden = false;
    view.bar.replaceChildren(this.next, ...this.tools.values(), this.told);
    this.tell({});
  }

  key(event) {
    if (this.busy) {
      this.later.push(event);
      return true;
    }
    const key = letterOf(event);
    let name = null;
    if (event.ctrlKey || event.metaKey) {
      name = { z: "undo", Z: "redo", y: "redo" }[key] ?? null;
    } else if (event.target.matches?.("button, summary, a") && (key === "Enter" || key === " ")) return false;
    else if (key === "n") {
      this.nextDoubtful();
      return true;
    } else name = ALSO[event.shiftKey && key.startsWith("Arrow") ? `Shift+${key}` : key] ?? TOOLS.find((tool) => tool[0] === key)?.[3] ?? null;
    if (!name) return false;
    this.do(name);
    return true;
  }

  async do(name) {
    if (this.busy) return;
    const { view } = this;
    if (name === "lock") return this.lock();
    const { selected } = view;
    if ((name === "undo" || name === "redo") && !view.story[name]) {
      view.say(`There is nothing to ${name} in this story.`);
      return;
    }
    if (!selected && name !== "undo" && name !== "redo") {
      view.moveRow(0);
      return;
    }
    this.busy = true;
    try {
      const body = { version: view.story.version, texts: view.story.texts, op: name, ...this.where(name) };
      if (name === "boundary") {
        body.end = await this.boundary();
        if (body.end === null) return;
      }
      await this.send(body);
      if (name === "accept") await this.nextDoubtful(true);
    } catch (error) {
      this.fail(error);
    } finally {
      this.busy = false;
      while (this.later.length && !this.busy) view.key(this.later.shift());
    }
  }

  // What an operation is about: the table, the row with all its sentences, the column and the sentence.
  where(name) {
    const { view } = this;
    const facts = { pair: view.pair, locked: view.story.reports.map((report, place) => place).filter((place) => this.locked.has(view.story.reports[place].tag)) };
    if (!view.selected || name === "undo" || name === "redo") return facts;
    const { row, place, index } = view.selected;
    return { ...facts, row: [...row.row.cells].map(([where, part]) => [where, part.indices]), place, index: index ?? null };
  }

  async send(body) {
    const { view } = this;
    const changed = await this.ask(`stories/${this.rank}`, body);
    await this.show(changed);
    if (changed.overtaken) view.say(changed.error);
    else if (changed.said) view.say(changed.said);
  }

  async show(changed) {
    const { view } = this;
    const before = view.selected ? { place: view.selected.place, index: view.selected.index } : null;
    view.story = { ...view.story, ...changed };
    view.selected = null;
    await view.refresh();
    this.tell(changed);
    const focus = changed.focus ?? before;
    if (!focus) return;
    const made = [...view.list.children].find((row) => !row.hidden && row.row.cells.get(focus.place)?.indices.includes(focus.index))
      ?? view.list.firstElementChild;
    if (made) view.select(made, focus.place, focus.index);
  }

  async boundary() {
    const { view } = this;
    const { place, index } = view.selected;
    const found = await this.ask(`stories/${this.rank}/boundary?place=${place}&index=${index ?? -1}`);
    return this.dialog.ask(view.story.reports[place], found.pieces, found.end);
  }

  lock() {
    const { view } = this;
    if (!view.selected) return view.moveRow(0);
    const { tag, name } = view.story.reports[view.selected.place];
    if (!this.locked.delete(tag)) this.locked.add(tag);
    view.say(this.locked.has(tag) ? `${name} is locked: corrections leave its sentences where they stand.` : `${name} is free again.`);
    return this.enable();
  }

  // Goes to the next doubtful row, in the next story that has one if there is none left here.
  async nextDoubtful(quiet = false) {
    const { view } = this;
    if (view.moveDoubtful(1)) return;
    try {
      const { rank } = await this.ask(`next?after=${this.rank}`);
      if (rank === null) view.say("Every doubtful row has been judged.");
      else if (quiet) view.say(rank === this.rank ? "No doubtful row left in these columns; all languages show the others." : "No doubtful row left here; n goes on to the next story.");
      else if (rank !== this.rank) this.go(rank);
      else view.say("The doubtful rows left stand in other columns; show all languages.");
    } catch (error) {
      this.fail(error);
    }
  }

  // Looks whether somebody else has changed what is shown.
  async look() {
    if (document.hidden || this.busy || this.looking) return;
    this.looking = true;
    try {
      const rank = this.rank ?? null;
      const state = await this.ask(`state${rank === null ? "" : `?story=${rank}`}`);
      this.tell(state);
      if (rank !== null && rank === this.rank && !this.busy && state.version !== this.view?.story?.version) {
        const story = await this.ask(`stories/${rank}`);
        if (rank === this.rank && !this.busy) {
          await this.show({ ...story, focus: undefined });
          this.view.say("Changed elsewhere; this is how it stands now.");
        }
      }
      this.failed = false;
    } catch (error) {
      if (!this.failed) this.fail(error);
      this.failed = true;
    } finally {
      this.looking = false;
    }
  }

  enable() {
    if (!this.tools) return;
    const { view } = this;
    const { selected, story } = view;
    const indices = selected?.row.row.cells.get(selected.place)?.indices ?? [];
    const rows = [...view.list.children];
    const at = selected ? rows.indexOf(selected.row) : -1;
    const many = selected ? [...selected.row.row.cells.values()].some((part) => part.indices.length > 1) : false;
    const free = selected && !this.locked.has(story.reports[selected.place].tag);
    const able = {
      accept: selected, merge: at >= 0 && at < rows.length - 1, "merge above": at > 0, split: many,
      up: free && indices.length && at > 0, down: free && indices.length && at >= 0 && at < rows.length - 1,
      unlink: free && indices.length && selected.row.row.kind === "link", boundary: indices.length && selected.index < story.reports[selected.place].first + story.reports[selected.place].text.length - 1,
      lock: selected,
      undo: story?.undo, redo: story?.redo,
    };
    for (const [name, tool] of this.tools) tool.disabled = !able[name];
    const locked = (place) => this.locked.has(story.reports[place].tag);
    this.tools.get("lock").setAttribute("aria-pressed", String(Boolean(selected && locked(selected.place))));
    for (const head of view.heads.querySelectorAll("[data-place]")) head.classList.toggle("locked", locked(Number(head.dataset.place)));
  }

  tell({ progress }) {
    if (progress) this.progress = progress;
    if (!this.progress) return;
    const { done, total, beads, precision, judged, right, reviewer } = this.progress;
    const share = precision === null ? "" : ` · expected precision ${(100 * precision).toFixed(1)} %`;
    const text = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} doubtful ${this.config.noun}${
      this.config.noun === "beads" ? "" : `, ${beads[0].toLocaleString("en")} of ${beads[1].toLocaleString("en")} beads`}${share}`;
    if (this.told) this.told.textContent = text;
    const holder = document.getElementById("progress");
    if (!holder || holder.dataset.said === text + judged) return;
    holder.dataset.said = text + judged;
    holder.replaceChildren(
      element("progress", { max: Math.max(total, 1), value: done, "aria-label": "Doubtful rows judged" }),
      element("p", {}, text),
      judged ? element("p", { className: "note" }, `Links judged: ${judged.toLocaleString("en")}, of them ${right.toLocaleString("en")} right as the machine had made them. You review as ${reviewer || "nobody in particular"}.`)
        : element("p", { className: "note" }, `You review as ${reviewer || "nobody in particular"}.`));
  }

  fail(error) {
    const text = error instanceof Error ? error.message : String(error);
    if (this.view && !this.view.root.hidden) this.view.say(text);
    else if (this.list) this.list.status.textContent = text;
  }
}
