// The small tools that all pages share. Every text goes in as text, never as markup: nothing here sets innerHTML.

export function element(tag, properties, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.includes("-") || name === "role") made.setAttribute(name, value === true ? "" : value);
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made[name] = value;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function button(label, properties, keys) {
  const made = element("button", { type: "button", ...properties }, label);
  if (keys) {
    made.append(element("kbd", { "aria-hidden": "true" }, keys));
    made.setAttribute("aria-keyshortcuts", keys);
  }
  return made;
}

export const inTongue = (made, tongue) => Object.assign(made, { lang: tongue.lang ?? tongue.tag, dir: tongue.dir });

// The same as `level` and `probability` in report_text.py.
export const level = (p) => (p >= 0.95 ? "sure" : p >= 0.8 ? "likely" : p >= 0.5 ? "doubtful" : "poor");
export const probability = (p) => (p > 0.995 ? ">0.99" : p.toFixed(2));

export const count = (n, one, more = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : more}`;

export function parsed(id) {
  const holder = document.getElementById(id);
  return holder ? JSON.parse(holder.textContent) : null;
}

// Lets the browser draw and answer between two pieces of long work.
export const breath = () => new Promise((resolve) => {
  if (globalThis.scheduler?.yield) globalThis.scheduler.yield().then(resolve);
  else setTimeout(resolve, 0);
});

// A letter as its key is held, whatever the lock for capitals says.
export const letterOf = ({ key, shiftKey }) => (key.length > 1 ? key : shiftKey ? key.toUpperCase() : key.toLowerCase());

export const typing = (target) => target.matches?.("input:not([type=checkbox]):not([type=range]), textarea, select");
