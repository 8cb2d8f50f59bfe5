// Words that match across languages: numbers by value, names and cognates by a common Latin skeleton.
import { breath } from "./dom.js";

const WORD = /[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}'ʻʼʽ‘’`´-]*(?:[.,:]\p{N}+)*/gu;
const MOST_WORDS = 400;

export function skeleton(word, letters) {
  let found = "";
  for (const char of word.toLowerCase()) {
    if (char in letters) found += letters[char];
    else for (const part of char.normalize("NFKD")) if (!/\p{M}/u.test(part)) found += letters[part] ?? part;
  }
  return found;
}

export function words(text, letters) {
  const found = [];
  for (const match of text.matchAll(WORD)) {
    if (found.length >= MOST_WORDS) break;
    const [word] = match;
    const number = /^\p{N}/u.test(word);
    const digits = number ? word.match(/^[\p{N}.,:]+/u)[0] : "";
    found.push({
      start: match.index, end: match.index + (number ? digits.length : word.length),
      kind: number ? "number" : /^\p{Lu}/u.test(word) ? "name" : "word",
      key: number ? digits.replace(/[.,:]+$/, "").replaceAll(",", ".") : skeleton(word, letters),
    });
  }
  return found;
}

export function matches(one, two) {
  if (one.kind === "number" || two.kind === "number") return one.kind === two.kind && one.key === two.key;
  const least = Math.min(one.key.length, two.key.length);
  const names = one.kind === "name" && two.kind === "name";
  if (least < (names ? 3 : 4)) return names && one.key === two.key;
  const needed = Math.max(names ? 3 : 4, Math.ceil(least * 0.75));
  return one.key.slice(0, needed) === two.key.slice(0, needed);
}

const NAMES = { number: "align-number", name: "align-name", word: "align-word" };

// Marks what matches between the cells of a row by highlights, which leave the page's elements as they are.
export class Marker {
  constructor(letters) {
    this.letters = letters;
    this.row = null;
  }

  mark(row) {
    if (!globalThis.CSS?.highlights || row === this.row) return;
    this.clear();
    this.row = row;
    if (!row) return;
    const sides = [...row.querySelectorAll(".cell")].map((cell) =>
      [...cell.querySelectorAll(".text")].flatMap((holder) => {
        const node = holder.firstChild;
        return node ? words(node.data, this.letters).map((word) => ({ ...word, node })) : [];
      })).filter((side) => side.length);
    const found = { number: [], name: [], word: [] };
    sides.forEach((side, place) => {
      const others = sides.flatMap((other, where) => (where === place ? [] : other));
      for (const word of side) {
        const other = others.find((candidate) => matches(word, candidate));
        if (!other) continue;
        const range = new Range();
        range.setStart(word.node, word.start);
        range.setEnd(word.node, word.end);
        found[word.kind === "name" && other.kind !== "name" ? "word" : word.kind].push(range);
      }
    });
    for (const [kind, ranges] of Object.entries(found)) CSS.highlights.set(NAMES[kind], new Highlight(...ranges));
  }

  clear() {
    this.row = null;
    for (const name of Object.values(NAMES)) globalThis.CSS?.highlights?.delete(name);
  }
}

// Marks where a search stands in the texts of some rows, a few rows at a time.
export async function markFound(rows, wanted, current) {
  if (!globalThis.CSS?.highlights) return;
  CSS.highlights.delete("align-found");
  if (!wanted) return;
  const ranges = [];
  let from = performance.now();
  for (const row of rows) {
    for (const holder of row.querySelectorAll(".text")) {
      const node = holder.firstChild;
      const text = node ? node.data.toLowerCase() : "";
      for (let at = text.indexOf(wanted); at >= 0 && ranges.length < 5000; at = text.indexOf(wanted, at + wanted.length)) {
        if (at + wanted.length > node.data.length) break;
        const range = new Range();
        range.setStart(node, at);
        range.setEnd(node, at + wanted.length);
        ranges.push(range);
      }
    }
    if (performance.now() - from > 8) {
      await breath();
      if (!current()) return;
      from = performance.now();
    }
  }
  CSS.highlights.set("align-found", new Highlight(...ranges));
}
