// Copy an address without opening it. The buttons are hidden until this script is there to serve them.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    const said = button.textContent;
    button.textContent = "✓ " + said;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
}
