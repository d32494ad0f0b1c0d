// Show the message that goes with the outcome chosen, unless somebody changed it. Without this script the server does so.
const message = document.querySelector("textarea[name=message]");
const tell = document.querySelector("input[name=tell]");
const choices = [...document.querySelectorAll("[data-message]")];
const ours = new Set(["", ...choices.map((choice) => choice.dataset.message)]);

for (const choice of choices) {
  choice.querySelector("input").addEventListener("change", () => {
    if (!ours.has(message.value.trim())) return;
    message.value = choice.dataset.message;
    if (!message.value) tell.checked = false;
  });
}
