// Pages that move by themselves: what is unfolded stays unfolded, and what asks again can be taken back.
"use strict";

(() => {
  const unfolded = new Set();
  const folds = (within) => within.querySelectorAll?.("details[id]") ?? [];

  document.addEventListener("htmx:beforeSwap", (event) => {
    for (const fold of folds(event.detail.target)) {
      if (fold.open) unfolded.add(fold.id);
      else unfolded.delete(fold.id);
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    // A poll shows the same again; an answer to a press shows something new, folded.
    if (event.detail.requestConfig?.verb !== "get") return;
    for (const fold of folds(document)) if (unfolded.has(fold.id)) fold.open = true;
  });

  document.addEventListener("click", (event) => {
    const fold = event.target.closest?.("[data-fold]")?.closest("details");
    if (!fold) return;
    fold.open = false;
    fold.querySelector("summary").focus();
  });
})();
