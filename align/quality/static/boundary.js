// The dialog in which a reviewer moves the boundary between a sentence and the next one.
import { button, element, inTongue } from "./dom.js";

export class BoundaryDialog {
  constructor() {
    this.first = element("p", { className: "first" });
    this.second = element("p", { className: "second" });
    this.slider = element("input", { type: "range", step: 1, "aria-label": "End of the first sentence", oninput: () => this.draw() });
    this.dialog = element("dialog", { className: "boundary", "aria-labelledby": "boundary-title" },
      element("h2", { id: "boundary-title" }, "Where does the sentence end?"),
      element("div", { className: "halves", onclick: (event) => this.pick(event) }, this.first, this.second),
      this.slider,
      element("p", { className: "hint" }, "← and → move the boundary by a word; or choose the word that begins the second sentence."),
      element("form", { method: "dialog" },
        button("Cancel", { onclick: () => this.dialog.close() }),
        button("Keep", { className: "primary", onclick: () => this.keep() })));
    this.dialog.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter" && event.target === this.slider) this.keep();
    });
    document.body.append(this.dialog);
  }

  // `pieces` are [text, end] of each word of both sentences; resolves to the chosen end, or null.
  ask(report, pieces, end) {
    this.pieces = pieces;
    Object.assign(this.slider, { min: 1, max: pieces.length - 1 });
    this.slider.value = String(pieces.filter((piece) => piece[1] <= end).length || 1);
    for (const half of [this.first, this.second]) inTongue(half, report);
    this.slider.dir = report.dir;
    this.draw();
    this.answer = null;
    this.dialog.showModal();
    this.slider.focus();
    return new Promise((resolve) => {
      this.dialog.addEventListener("close", () => resolve(this.answer), { once: true });
    });
  }

  draw() {
    const cut = Number(this.slider.value);
    const made = this.pieces.map(([text], place) => element("span", { "data-place": String(place) }, `${text} `));
    this.first.replaceChildren(...made.slice(0, cut));
    this.second.replaceChildren(...made.slice(cut));
    this.slider.setAttribute("aria-valuetext", `ends with ${this.pieces[cut - 1][0]}`);
  }

  pick(event) {
    const place = Number(event.target.dataset?.place ?? 0);
    if (place > 0) {
      this.slider.value = String(place);
      this.draw();
      this.slider.focus();
    }
  }

  keep() {
    this.answer = this.pieces[Number(this.slider.value) - 1][1];
    this.dialog.close();
  }
}
