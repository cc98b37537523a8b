// Runs before the first paint: the theme that Airflow's pages have, and the reader's time zone for the server.
"use strict";

(() => {
  const root = document.documentElement;

  const paint = () => {
    let chosen = null;
    try {
      chosen = localStorage.getItem("theme");
    } catch {
      // Storage is closed to us: the system's choice holds.
    }
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
    else delete root.dataset.theme;
  };

  root.classList.add("js");
  paint();
  // Airflow's page around ours writes its choice there, and we hear of it.
  addEventListener("storage", (event) => event.key === "theme" && paint());

  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const path = root.dataset.base;
  if (zone && /^[A-Za-z0-9_+\-/]+$/.test(zone) && zone !== root.dataset.zone) {
    document.cookie = `broadsheet_zone=${zone}; Path=${path}; Max-Age=31536000; SameSite=Lax`;
    root.dataset.readerZone = zone;
  }
})();
