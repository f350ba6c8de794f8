"use strict";
const told = document.getElementById("told");
for (const button of document.querySelectorAll(".code button")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = button.parentElement.querySelector("code");
    let copied = false;
    try {
      await navigator.clipboard.writeText(code.textContent);
      copied = true;
    } catch { // no clipboard without https: the old way
      const selection = getSelection();
      selection.selectAllChildren(code);
      copied = document.execCommand("copy");
      if (copied) selection.removeAllRanges();
    }
    button.textContent = copied ? "Copied" : "Press Ctrl+C";
    told.textContent = copied ? "Copied" : "Not copied: press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; told.textContent = ""; }, 2000);
  });
}

const find = document.getElementById("find");
const items = [...document.querySelectorAll("nav li")];
if (items.length > 10) {
  const input = find.querySelector("input");
  find.hidden = false;
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let shown = 0;
    for (const item of items) {
      item.hidden = !words.every((word) => item.textContent.toLowerCase().includes(word));
      if (!item.hidden) shown++;
    }
    find.querySelector("output").textContent = input.value.trim() ? `${shown} of ${items.length}` : "";
  });
  input.addEventListener("keydown", (event) => {
    const first = items.find((item) => !item.hidden);
    if (event.key === "Enter" && first) first.firstElementChild.click();
  });
}
