// The public pages work without this file. It solves the proof of work in the background, leaves the page fast, copies and prints.

const LONGEST_WAIT_MS = 6000; // on sending: then the report leaves without its proof, and is taken all the same

for (const form of document.querySelectorAll("form[data-challenge]")) prove(form);

function prove(form) {
  const field = form.elements.altcha;
  const button = form.querySelector("button");
  let solving = null;
  const start = () => (solving ??= solve(form.dataset.challenge, form.dataset.worker).then((proof) => (field.value = proof), () => {}));
  if (document.visibilityState === "visible") start();
  form.addEventListener("focusin", start, { once: true });
  form.addEventListener("submit", async (event) => {
    if (field.value) return;
    event.preventDefault();
    button.disabled = true;
    await Promise.race([start(), new Promise((done) => setTimeout(done, LONGEST_WAIT_MS))]);
    form.submit();
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    // Reached again by «back»: the proof is spent; what was typed stays.
    [field.value, button.disabled, solving] = ["", false, null];
    start();
  });
}

async function solve(address, workerAddress) {
  if (!window.isSecureContext) throw new Error("no WebCrypto here");
  const answer = await fetch(address, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error("no challenge");
  const challenge = await answer.json();
  const worker = new Worker(workerAddress);
  try {
    const solution = await new Promise((done, fail) => {
      worker.onmessage = ({ data }) => (data && !data.error ? done(data) : fail(new Error("not solved")));
      worker.onerror = fail;
      worker.postMessage({ type: "work", challenge, counterStart: 0, counterStep: 1, timeout: 90000 });
    });
    return btoa(JSON.stringify({ challenge, solution }));
  } finally {
    worker.terminate();
  }
}

// Leaving fast takes the place of the page in the tab's history, but not that of the pages before it: the form, when one
// leaves from the receipt. Whoever presses «back» afterwards is led away again; typing the address opens the page anew.
const exit = document.querySelector("[data-exit]");
const LEFT = "left";
const cameBack = () => performance.getEntriesByType("navigation")[0]?.type === "back_forward";
function leave() {
  sessionStorage.setItem(LEFT, "1");
  document.body.replaceChildren(); // nothing of the page stays on the screen while the other one loads
  document.title = "…";
  location.replace(exit.href);
}
if (exit) {
  if (cameBack() && sessionStorage.getItem(LEFT)) leave();
  else sessionStorage.removeItem(LEFT);
  window.addEventListener("pageshow", (event) => { if (event.persisted && sessionStorage.getItem(LEFT)) leave(); });
  exit.addEventListener("click", (event) => { event.preventDefault(); leave(); });
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - last < 1000) leave();
    last = event.timeStamp;
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    button.textContent = button.dataset.done;
  });
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
