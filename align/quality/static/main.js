// Where a page begins: which kind it is, and what is shown at which address.
import { parsed } from "./dom.js";
import { StoryView } from "./story.js";
import { StoryList } from "./stories.js";
import { Review } from "./review.js";

const config = parsed("config");
const overview = document.getElementById("overview");
const place = document.getElementById("story");

// A story of a page of its own, in the folder of a large report.
function startStory() {
  const name = (rank, part = 0) => `../${String(Math.floor(rank / 1000)).padStart(3, "0")}/${String(rank).padStart(6, "0")}${part ? `-${part + 1}` : ""}.html`;
  const story = parsed("story-0");
  const view = new StoryView(place, config, {
    back: () => location.assign(config.home),
    step: (by) => {
      const part = story.part + by;
      if (part >= 0 && part < story.parts) location.assign(name(config.rank, part));
      else if (config.rank + by >= 0 && config.rank + by < config.total) location.assign(name(config.rank + by));
    },
  });
  view.open(story, config.rank, config.total);
}

// The first page, and with it the stories of a small report or of a review, by the part of the address behind #.
function startOverview() {
  const held = new Map();
  const review = config.mode === "review" ? new Review(config) : null;
  const story = async (rank) => {
    if (review) return review.load(rank);
    if (!held.has(rank)) held.set(rank, parsed(`story-${rank}`));
    return held.get(rank);
  };
  const texts = new Map();
  const holds = (rank, word) => {
    if (!texts.has(rank)) texts.set(rank, parsed(`story-${rank}`).reports.map((report) => report.text.join("\n")).join("\n").toLowerCase());
    return texts.get(rank).includes(word);
  };
  const sources = {
    single: { total: config.total, chunk: Math.max(config.total, 1), load: async () => config.rows, holds },
    index: { total: config.total, chunk: config.chunk, load: loadPiece },
    review: { total: config.total, chunk: config.chunk, load: (number) => review.piece(number) },
  };
  const href = (rank) => (config.mode === "index"
    ? `${config.folder}/${String(Math.floor(rank / 1000)).padStart(3, "0")}/${String(rank).padStart(6, "0")}.html` : `#${rank + 1}`);
  const listRoot = document.getElementById("list");
  const list = listRoot ? new StoryList(listRoot, config, sources[config.mode], href) : null;
  let view = null;
  let top = 0;
  const go = (rank) => {
    if (rank >= 0 && rank < config.total) location.hash = String(rank + 1);
  };
  const route = async () => {
    const rank = Number(location.hash.slice(1)) - 1;
    const wanted = /^#\d+$/.test(location.hash) && rank < config.total && config.mode !== "index";
    if (wanted && !overview.hidden) top = scrollY;
    overview.hidden = wanted;
    place.hidden = !wanted;
    document.body.classList.toggle("reading", wanted);
    if (!wanted) {
      document.title = config.title ?? "Alignment report";
      if (review) review.left(list);
      list?.draw();
      if (!location.hash || view) scrollTo(0, top);
      return;
    }
    view ??= new StoryView(place, config, {
      back: () => { location.hash = "stories"; },
      step: (by) => go(Number(location.hash.slice(1)) - 1 + by),
      ...(review ? review.hooks() : {}),
    });
    review?.attach(view, go);
    const found = await story(rank);
    if (found && location.hash === `#${rank + 1}`) await view.open(found, rank, config.total);
  };
  addEventListener("hashchange", route);
  review?.start(list);
  route();
}

// A piece of the list of a large report comes as a script: a page opened as a file may fetch nothing else.
const waiting = new Map();
globalThis.alignStories = (number, rows) => waiting.get(number)?.(rows);
function loadPiece(number) {
  return new Promise((resolve, reject) => {
    waiting.set(number, resolve);
    const script = document.createElement("script");
    script.src = `${config.folder}/list/${String(number).padStart(4, "0")}.js`;
    script.onerror = () => reject(new Error(script.src));
    script.onload = () => script.remove();
    document.head.append(script);
  });
}

if (config.mode === "story") startStory();
else startOverview();
