"use strict";
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();
  SwaggerUIBundle({
    url: document.getElementById("swagger-ui").dataset.document,
    dom_id: "#swagger-ui",
    deepLinking: true,
    onComplete: () => {
      const title = document.querySelector("#swagger-ui .info .title");
      if (title && title.firstChild) {
        document.title = title.firstChild.textContent.trim();
      }
    },
  });
})();
