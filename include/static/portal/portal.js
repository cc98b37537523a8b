// What htmx does not do by itself: dates in the reader's zone, messages, focus after a swap, ways out of the frame.
"use strict";

(() => {
  const root = document.documentElement;

  // ---- Dates. The server writes them in the zone of a cookie; on the very first visit there is none yet.
  const parts = (date, options) =>
    Object.fromEntries(
      new Intl.DateTimeFormat("en-GB", { timeZone: root.dataset.readerZone, hourCycle: "h23", ...options })
        .formatToParts(date)
        .map((part) => [part.type, part.value]),
    );

  const when = (date) => {
    const full = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" };
    const one = parts(date, full);
    const month = one.month.slice(0, 3);
    const year = one.year === parts(new Date(), full).year ? "" : ` ${one.year}`;
    return `${one.weekday} ${one.day} ${month}${year}, ${one.hour}:${one.minute}`;
  };

  const counted = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;

  const ago = (date) => {
    const seconds = Math.round((date - Date.now()) / 1000);
    const away = Math.abs(seconds);
    if (away < 45) return seconds > 0 ? "in a moment" : "just now";
    let words;
    if (away < 3570) words = counted(Math.max(1, Math.round(away / 60)), "minute");
    else if (away < 84600) words = counted(Math.round(away / 3600), "hour");
    else if (away < 604800) words = counted(Math.round(away / 86400), "day");
    else return when(date);
    return seconds > 0 ? `in ${words}` : `${words} ago`;
  };

  const writeDates = (within) => {
    for (const element of within.querySelectorAll("time[data-show]")) {
      const date = new Date(element.dateTime);
      if (element.dataset.show === "ago") element.textContent = ago(date);
      else if (element.dataset.show === "when" && root.dataset.readerZone) element.textContent = when(date);
    }
  };

  // ---- Messages. A response carries one in its HX-Trigger header as {"say": {"text", "tone"}}.
  const say = (text, tone) => {
    const region = document.getElementById("messages");
    if (!region || !text) return;
    // Of what went well, only the latest is news.
    for (const old of region.querySelectorAll(".toast.good")) old.remove();
    const message = document.createElement("div");
    message.className = `toast ${tone === "bad" ? "bad" : "good"}`;
    const words = document.createElement("p");
    words.textContent = text;
    const close = document.createElement("button");
    close.type = "button";
    close.className = "quiet";
    close.textContent = "Dismiss";
    close.addEventListener("click", () => message.remove());
    message.append(words, close);
    region.append(message);
    // What went wrong stays until it is read.
    if (tone !== "bad") setTimeout(() => message.remove(), 8000);
  };

  const reasonOf = (request) => {
    const type = request.getResponseHeader("Content-Type") || "";
    try {
      if (type.includes("json")) {
        const problem = JSON.parse(request.responseText);
        return problem.detail || problem.title;
      }
      if (type.includes("html")) {
        const answer = new DOMParser().parseFromString(request.responseText, "text/html");
        const said = [...answer.querySelectorAll("[role=alert] li, [role=alert] p:not(:has(strong))")];
        return said.map((one) => one.textContent.trim()).join(" ");
      }
    } catch {
      // The general words below do.
    }
    return null;
  };

  // A form that comes back with its faults says by HX-Retarget where it belongs; other errors are messages.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.status >= 400 && xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("say", (event) => say(event.detail.text, event.detail.tone));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (xhr.status === 401) say("You are no longer logged in. Load the page again to log in.", "bad");
    else if (!event.detail.elt.hasAttribute("data-silent")) say(reasonOf(xhr) || "That did not work. Try again in a moment.", "bad");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!event.detail.elt.hasAttribute("data-silent")) say("The server cannot be reached. Try again in a moment.", "bad");
  });

  // ---- Focus. What a swap marks with data-focus is read next; a busy button is not pressed twice.
  const focusMarked = (within) => {
    const marked = within.matches?.("[data-focus]") ? within : within.querySelector?.("[data-focus]");
    if (!marked) return;
    marked.focus({ preventScroll: true });
    marked.scrollIntoView({ block: "center", behavior: "instant" });
  };

  document.addEventListener("htmx:afterSettle", (event) => {
    writeDates(event.detail.elt);
    focusMarked(event.detail.elt);
  });

  // ---- A question asked in place can be left again.
  document.addEventListener("click", (event) => {
    const fold = event.target.closest?.("[data-fold]")?.closest("details");
    if (!fold) return;
    fold.open = false;
    fold.querySelector("summary").focus();
  });

  // ---- Airflow's own pages. Its frame lets nothing inside navigate it; a link of the outer page may.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-airflow]");
    if (!link || window.parent === window || event.ctrlKey || event.metaKey || event.shiftKey) return;
    try {
      const outer = window.parent.document.createElement("a");
      outer.href = link.href;
      window.parent.document.body.append(outer);
      outer.click();
      outer.remove();
      event.preventDefault();
    } catch {
      // Another site's frame: the link opens here.
    }
  });

  // ---- Lists that are searched as one types. The page works without: the form then asks the server.
  document.addEventListener("input", (event) => {
    const list = event.target.dataset?.filters && document.getElementById(event.target.dataset.filters);
    if (!list) return;
    const wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of list.querySelectorAll("[data-words]")) {
      const fits = wanted.every((word) => item.dataset.words.includes(word));
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    const count = document.getElementById(`${list.id}-count`);
    if (count) count.textContent = shown === 0 ? count.dataset.none : count.dataset.some.replace("{}", String(shown));
    const none = document.getElementById(`${list.id}-none`);
    if (none) none.hidden = shown !== 0;
  });

  const start = () => {
    writeDates(document);
    if (root.dataset.readerZone) document.querySelector(".colophon [data-zone]").textContent = root.dataset.readerZone;
    focusMarked(document.body);
    // Relative words grow old while a page is open.
    setInterval(() => writeDates(document), 30000);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
