// Copy a field to fill in elsewhere. Without this script the text is selected by hand: the buttons are hidden until it runs.
for (const button of document.querySelectorAll("[data-copy-field]")) {
  button.hidden = false;
  const said = button.textContent;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copyField);
    field.select();
    // Only pages over https, or on this machine, have a clipboard to write to; elsewhere the old way still works.
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
    button.textContent = "✓ " + said;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
