"use strict";
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
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
