// Choose words in the text and answer by keys. Everything here also works without this script: words can be
// typed, boxes ticked, buttons pressed. Words that stay masked are chosen by their place: they are not in the page.

const text = document.getElementById("text");
const form = document.getElementById("reading");
const words = text ? [...text.querySelectorAll(".t")] : [];
const quotes = document.getElementById("quotes");
const chosen = document.getElementById("chosen");
let at = 0;
let from = null;
let dirty = false;

for (const hint of document.querySelectorAll(".with-script")) hint.hidden = false;
for (const typed of document.querySelectorAll("details.typed")) if (!typed.querySelector("[aria-invalid]")) typed.open = false;
const whole = document.getElementById("whole-choice");
if (whole) whole.hidden = true; // a button with a key does it
document.getElementById("faults")?.focus();

function addQuote(start, end) {
  const passage = `${start}-${end}`;
  if (!quotes || [...quotes.querySelectorAll("input")].some((kept) => kept.value === passage)) return;
  const item = document.createElement("li");
  const label = document.createElement("label");
  const box = document.createElement("input");
  label.className = "choice";
  Object.assign(box, { type: "checkbox", name: "passage", value: passage, checked: true });
  const cut = words.filter((word) => Number(word.dataset.s) < end && Number(word.dataset.e) > start);
  label.append(box, ` « ${cut.map(readable).join(" ")} »`);
  item.append(label);
  quotes.append(item);
  for (const word of cut) word.classList.add("quoted");
  if (chosen) chosen.textContent = label.textContent;
  dirty = true;
}

// A masked word is shown by its veil, not by the sentence that says so to a screen reader.
const readable = (word) => (word.querySelector("[aria-hidden]") ?? word).textContent;

function quoteSelection() {
  const selection = document.getSelection();
  const taken = selection && !selection.isCollapsed
    ? words.filter((word) => selection.containsNode(word, true))
    : words.slice(Math.min(at, from ?? at), Math.max(at, from ?? at) + 1);
  if (!taken.length) return;
  addQuote(Number(taken[0].dataset.s), Number(taken[taken.length - 1].dataset.e));
  selection?.removeAllRanges();
  from = null;
  showPlace();
}

function quoteAll() {
  if (words.length) addQuote(Number(words[0].dataset.s), Number(words[words.length - 1].dataset.e));
}

function showPlace() {
  const [first, last] = [Math.min(at, from ?? at), Math.max(at, from ?? at)];
  const here = document.activeElement === text;
  words.forEach((word, place) => {
    word.classList.toggle("at", here && place === at);
    word.classList.toggle("taken", here && from !== null && place >= first && place <= last);
  });
}

text?.addEventListener("focus", showPlace);
text?.addEventListener("blur", showPlace);
text?.addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 8, ArrowUp: -8, Home: -words.length, End: words.length }[event.key];
  if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  from = event.shiftKey ? from ?? at : null;
  at = Math.max(0, Math.min(words.length - 1, at + step));
  showPlace();
  words[at]?.scrollIntoView({ block: "nearest" });
});

function fill(button) {
  const value = button.dataset.fill === "oui" ? "yes" : "no";
  for (const question of button.closest(".questions").querySelectorAll(".question")) {
    if (question.dataset.informs !== "1") question.querySelector(`[value="${value}"]`).checked = true;
  }
  dirty = true;
}

for (const button of document.querySelectorAll("[data-fill]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    fill(button);
  });
}

// Inside a question: o, n, d answer it and go to the next. Active on focus only.
for (const question of document.querySelectorAll(".question")) {
  question.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const answer = question.querySelector(`[data-answer="${event.key}"]`);
    if (!answer) return;
    event.preventDefault();
    event.stopPropagation();
    answer.checked = true;
    dirty = true;
    const all = [...document.querySelectorAll(".question")];
    const next = all[all.indexOf(question) + 1];
    (next?.querySelector("input:checked, input") ?? document.getElementById("settle")).focus();
  });
}

document.getElementById("quote")?.addEventListener("click", quoteSelection);
document.getElementById("quote")?.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
document.getElementById("quote-all")?.addEventListener("click", quoteAll);

// Enter settles the reading from anywhere but a field, a link or a button. The other keys are declared in the page.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("a, button, summary, select, textarea, dialog, input:not([type=radio], [type=checkbox])")) return;
  const settle = document.getElementById("settle");
  if (!settle) return;
  event.preventDefault();
  settle.click();
});

// What was typed is kept before the page asks the questions of another ground.
form?.addEventListener("change", () => { dirty = true; });
document.getElementById("choose-ground")?.addEventListener("submit", (event) => {
  if (!dirty || !form) return;
  event.preventDefault();
  document.getElementById("vers").value = document.getElementById("fondement").value;
  document.getElementById("save").click();
});
document.getElementById("find-ground")?.addEventListener("submit", (event) => {
  if (!dirty || !form) return;
  event.preventDefault();
  document.getElementById("then-find").value = document.getElementById("chercher").value;
  document.getElementById("save").click();
});
