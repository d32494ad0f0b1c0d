// Copy a field to fill in elsewhere. Without this script the text is selected by hand: the buttons are hidden until it runs.
for (const button of document.querySelectorAll("[data-copy-field]")) {
  button.hidden = false;
  const said = button.textContent;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copyField);
    field.select();
    await navigator.clipboard.writeText(field.value);
    button.textContent = "✓ " + said;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
