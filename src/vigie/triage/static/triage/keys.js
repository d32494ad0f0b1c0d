// The keyboard. Every key is declared in the page, on what it does:
//
//   <button data-key="n">Dossier suivant</button>            pressing n clicks it
//   <a href="/bureau/" data-key="g f">File d’attente</a>     g, then f
//   <span hidden data-key="j" data-key-do="next-row">…</span> what has no button of its own
//
// so that `?` can list what this page knows, and nothing is hidden in the script. Letters write in a text field;
// a member may switch single keys off for good (WCAG 2.2, 2.1.4).

const SEQUENCE_MS = 1200;
const declared = () => [...document.querySelectorAll("[data-key]")];
const isTyping = (el) => el.closest("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])");

const rows = [...document.querySelectorAll("[data-row]")];
const picks = [...document.querySelectorAll("[data-pick]")];
let current = -1; // the row last stood on
let lastPick = null;
let begun = ""; // the first key of a sequence
let forget = 0;

const actions = {
  "next-row": () => stand(current + 1),
  "previous-row": () => stand(current - 1),
  "open-row": () => rows[current]?.querySelector("[data-open]").click(),
  "pick-row": (event) => {
    const box = rows[current]?.querySelector("[data-pick]");
    if (!box) return;
    box.checked = !box.checked;
    picked(box, event.shiftKey);
  },
  "press-in-row": (event, el) => {
    if (current < 0) stand(0);
    rows[current]?.querySelector(`[data-row-button="${el.dataset.rowKey}"]`)?.click();
  },
  "focus": (event, el) => el.focus(),
  "help": () => help(),
};

function stand(index) {
  if (!rows.length) return;
  current = Math.min(Math.max(index, 0), rows.length - 1);
  rows[current].querySelector("[data-open]").focus();
  rows[current].scrollIntoView({ block: "nearest" });
}

function picked(box, untilHere) {
  if (untilHere && lastPick) {
    const [from, to] = [picks.indexOf(lastPick), picks.indexOf(box)].sort((a, b) => a - b);
    for (const one of picks.slice(from, to + 1)) one.checked = box.checked;
  }
  lastPick = box;
  countPicked(true);
}

function countPicked(aloud) {
  const shown = document.getElementById("picked");
  const say = document.getElementById("say");
  if (!shown || !say) return;
  const count = picks.filter((box) => box.checked).length;
  shown.textContent = count;
  if (aloud) say.textContent = `${count} ${say.dataset.picked}`;
}

function help() {
  let dialog = document.querySelector("dialog.keys");
  if (!dialog) {
    dialog = document.getElementById("keys-dialog").content.firstElementChild.cloneNode(true);
    const list = dialog.querySelector("dl");
    for (const el of declared()) {
      const dt = document.createElement("dt");
      for (const key of el.dataset.key.split(" ")) {
        const kbd = document.createElement("kbd");
        kbd.textContent = key;
        dt.append(kbd, " ");
      }
      const dd = document.createElement("dd");
      dd.textContent = el.dataset.keyName || el.textContent.trim();
      list.append(dt, dd);
    }
    document.body.append(dialog);
  }
  if (!dialog.open) dialog.showModal();
}

function press(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]") || event.key.length !== 1 || isTyping(event.target)) return;
  const key = event.key.toLowerCase();
  const wanted = begun ? `${begun} ${key}` : key;
  const known = declared();
  const el = known.find((one) => one.dataset.key === wanted);
  clearTimeout(forget);
  begun = "";
  if (el) {
    event.preventDefault();
    act(el, event);
  } else if (known.some((one) => one.dataset.key.startsWith(`${wanted} `))) {
    begun = wanted;
    forget = setTimeout(() => { begun = ""; }, SEQUENCE_MS);
  }
}

function act(el, event) {
  if (el.dataset.keyDo) actions[el.dataset.keyDo](event, el);
  else if (el.matches("input, select, textarea")) { el.focus(); el.select?.(); }
  else el.click();
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (row) current = rows.indexOf(row);
});
for (const box of picks) box.addEventListener("click", (event) => picked(box, event.shiftKey));
countPicked(false);
if (document.body.dataset.singleKeys !== "off") document.addEventListener("keydown", press);
