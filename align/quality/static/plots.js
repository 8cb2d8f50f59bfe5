// Pictures of an alignment: the beads along the diagonal, and how alike the sentences are with the path through them.
import { element, level } from "./dom.js";

const EDGE = 28; // room for the axes, in CSS pixels

export class Plot {
  constructor(title, onchoose) {
    this.canvas = element("canvas", { role: "img" });
    this.caption = element("figcaption", {}, title);
    this.figure = element("figure", { className: "plot" }, this.canvas, this.caption);
    this.title = title;
    this.canvas.addEventListener("click", (event) => {
      const bead = this.beadAt(event.offsetX, event.offsetY);
      if (bead) onchoose(bead);
    });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.figure);
  }

  // `beads` are [src, tgt, p, …] with places counted from 0, `heat` is [rows, columns, base64] or null.
  show(left, right, beads, heat) {
    Object.assign(this, { left, right, beads });
    this.cells = heat ? Uint8Array.from(atob(heat[2]), (char) => char.charCodeAt(0)) : null;
    this.shape = heat ? heat.slice(0, 2) : null;
    this.map = null;
    const links = beads.filter(([src, tgt]) => src.length && tgt.length).length;
    this.canvas.setAttribute("aria-label",
      `${this.title}: ${links} links between ${left.size} sentences in ${left.name} and ${right.size} in ${right.name}`);
    this.draw();
  }

  draw() {
    if (!this.beads || !this.figure.isConnected || !this.figure.clientWidth) return;
    const size = Math.min(this.figure.clientWidth, 420);
    const ratio = globalThis.devicePixelRatio || 1;
    Object.assign(this.canvas, { width: size * ratio, height: size * ratio });
    Object.assign(this.canvas.style, { width: `${size}px`, height: `${size}px` });
    const pen = this.canvas.getContext("2d");
    const style = getComputedStyle(this.canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    pen.scale(ratio, ratio);
    this.inner = size - EDGE - 6;
    const x = (j) => EDGE + (this.inner * j) / Math.max(this.right.size, 1);
    const y = (i) => EDGE + (this.inner * i) / Math.max(this.left.size, 1);
    if (this.cells) this.drawHeat(pen, colour("--heat"));
    pen.strokeStyle = colour("--rule");
    pen.strokeRect(EDGE, EDGE, this.inner, this.inner);
    this.drawAxes(pen, style, colour("--soft"), x, y);
    for (const [src, tgt, p] of this.beads) {
      const shade = src.length && tgt.length ? level(p) : "null";
      pen.strokeStyle = pen.fillStyle = colour(`--${shade}-edge`);
      if (!src.length || !tgt.length) {
        for (const i of src) pen.fillRect(EDGE - 5, y(i), 4, Math.max(y(i + 1) - y(i) - 1, 1));
        for (const j of tgt) pen.fillRect(x(j), EDGE - 5, Math.max(x(j + 1) - x(j) - 1, 1), 4);
        continue;
      }
      const [top, bottom] = [Math.min(...src), Math.max(...src) + 1];
      const [from, to] = [Math.min(...tgt), Math.max(...tgt) + 1];
      const box = [x(from), y(top), x(to) - x(from), y(bottom) - y(top)];
      if (this.cells) {
        pen.lineWidth = 1.5;
        pen.strokeRect(box[0] + 0.5, box[1] + 0.5, Math.max(box[2] - 1, 1), Math.max(box[3] - 1, 1));
      } else pen.fillRect(...box);
    }
    if (this.cells) this.drawPath(pen, colour("--ink"), x, y);
  }

  drawHeat(pen, shade) {
    const [rows, columns] = this.shape;
    const [red, green, blue] = shade.match(/\w\w/g).map((part) => parseInt(part, 16));
    const picture = new ImageData(columns, rows);
    for (let k = 0; k < this.cells.length; k++) picture.data.set([red, green, blue, this.cells[k]], 4 * k);
    const held = new OffscreenCanvas(columns, rows);
    held.getContext("2d").putImageData(picture, 0, 0);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(held, EDGE, EDGE, this.inner, this.inner);
  }

  drawPath(pen, ink, x, y) {
    let [i, j] = [0, 0];
    pen.strokeStyle = ink;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x(0), y(0));
    for (const [src, tgt] of this.beads) {
      if (src.length) i = Math.max(i, Math.max(...src) + 1);
      if (tgt.length) j = Math.max(j, Math.max(...tgt) + 1);
      pen.lineTo(x(j), y(i));
    }
    pen.stroke();
  }

  drawAxes(pen, style, soft, x, y) {
    pen.fillStyle = soft;
    pen.font = `11px ${style.fontFamily}`;
    pen.textBaseline = "alphabetic";
    pen.textAlign = "start";
    pen.fillText(`${this.right.tag} →`, EDGE, 12);
    pen.textAlign = "end";
    pen.fillText(String(this.right.size), EDGE + this.inner, 12);
    pen.save();
    pen.translate(12, EDGE);
    pen.rotate(-Math.PI / 2);
    pen.fillText(`← ${this.left.tag}`, 0, 0);
    pen.textAlign = "start";
    pen.fillText(String(this.left.size), -this.inner, 0);
    pen.restore();
  }

  beadAt(left, top) {
    const i = Math.floor(((top - EDGE) / this.inner) * this.left.size);
    const j = Math.floor(((left - EDGE) / this.inner) * this.right.size);
    return this.beads.find(([src, tgt]) => src.includes(i) && tgt.includes(j))
      ?? this.beads.find(([src, tgt]) => src.includes(i) || tgt.includes(j));
  }
}
