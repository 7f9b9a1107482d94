"use strict";
/* Sorts, searches and filters the page's one table; the state is the URL's fragment (#paper=x&q=y&sort=verdict). */
const table = document.querySelector("table.explorer");
const body = table.tBodies[0];
const heads = [...table.tHead.rows[0].cells];
const names = heads.map(head => head.textContent.trim());
const rows = [...body.rows];
const text = rows.map(row => [...row.cells].map(cell => cell.textContent.trim()));
const whole = text.map(cells => cells.join(" ").toLowerCase());
const form = document.querySelector("form.filters");
const count = document.querySelector("#count");
let sort = {name: "", down: false};

function control(label, element) {
  const wrap = document.createElement("label");
  wrap.append(label, " ", element);
  form.append(wrap);
  return element;
}

function choices(name) {
  const column = names.indexOf(name);
  const select = document.createElement("select");
  select.append(new Option("all", ""));
  for (const value of [...new Set(text.map(cells => cells[column]))].sort()) select.append(new Option(value, value));
  return control(name, select);
}

const search = control("search", Object.assign(document.createElement("input"), {type: "search"}));
const filters = new Map(form.dataset.filters.split("|").map(name => [name, choices(name)]));
const reset = Object.assign(document.createElement("button"), {type: "button", textContent: "show all"});
form.append(reset);

heads.forEach((head, column) => {
  const button = Object.assign(document.createElement("button"), {type: "button", textContent: names[column]});
  button.addEventListener("click", () => {
    sort = {name: names[column], down: sort.name === names[column] && !sort.down};
    show();
    keep();
  });
  head.replaceChildren(button);
});

function show() {
  const wanted = [...filters].filter(([, select]) => select.value);
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  rows.forEach((row, n) => {
    const fits = wanted.every(([name, select]) => text[n][names.indexOf(name)] === select.value);
    row.hidden = !(fits && words.every(word => whole[n].includes(word)));
    shown += row.hidden ? 0 : 1;
  });
  count.textContent = `${shown} of ${rows.length} rows`;
  const column = names.indexOf(sort.name);
  const order = [...rows.keys()];
  if (column >= 0) {
    const way = sort.down ? -1 : 1;
    order.sort((a, b) => way * text[a][column].localeCompare(text[b][column], "en", {numeric: true}) || a - b);
  }
  body.append(...order.map(n => rows[n]));
  heads.forEach((head, n) => {
    if (n === column) head.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
}

function keep() {
  const state = new URLSearchParams();
  for (const [name, select] of filters) if (select.value) state.set(name, select.value);
  if (search.value) state.set("q", search.value);
  if (sort.name) state.set("sort", (sort.down ? "-" : "") + sort.name);
  history.replaceState(null, "", `#${state}`);
}

function read() {
  const fragment = location.hash.slice(1);
  const state = new URLSearchParams(fragment.includes("=") ? fragment : "");
  for (const [name, select] of filters) select.value = state.get(name) ?? "";
  search.value = state.get("q") ?? "";
  const wanted = state.get("sort") ?? "";
  sort = {name: wanted.replace(/^-/, ""), down: wanted.startsWith("-")};
  show();
  if (fragment && !fragment.includes("=")) document.getElementById(fragment)?.scrollIntoView();
}

form.addEventListener("input", () => { show(); keep(); });
form.addEventListener("submit", event => event.preventDefault());
reset.addEventListener("click", () => { form.reset(); sort = {name: "", down: false}; show(); keep(); });
addEventListener("hashchange", read);
form.hidden = false;
read();
