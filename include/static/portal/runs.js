// Pages that move by themselves: what is unfolded stays unfolded, and a question that is asked gets the focus.
"use strict";

(() => {
  const unfolded = new Set();
  const restored = new WeakSet();
  let place = null;
  const folds = (within) => within.querySelectorAll?.("details[id]") ?? [];

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, verb } = event.detail.requestConfig ?? {};
    place = verb === "post" ? elt.closest("[data-place]")?.id : null;
    for (const fold of folds(event.detail.target)) {
      if (fold.open) unfolded.add(fold.id);
      else unfolded.delete(fold.id);
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    // A poll shows the same again; an answer to a press shows something new, folded.
    if (event.detail.requestConfig?.verb !== "get") return;
    for (const fold of folds(document)) {
      if (!fold.open && unfolded.has(fold.id)) {
        restored.add(fold);
        fold.open = true;
      }
    }
  });

  // What was pressed is gone by then: the focus stays in its place, and nothing scrolls.
  document.addEventListener("htmx:afterSettle", () => {
    if (place) document.getElementById(place)?.focus({ preventScroll: true });
    place = null;
  });

  // The button that asks gives way to its question, and so does the focus.
  document.addEventListener(
    "toggle",
    (event) => {
      const fold = event.target;
      if (!fold.matches?.("details.confirm") || !fold.open || restored.delete(fold)) return;
      fold.querySelector("button").focus({ preventScroll: true });
    },
    true,
  );
})();
