// Writes times in the reader's zone, which only their browser knows; without a script they stay in UTC.
"use strict";

const words = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});

for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = time.textContent;
  time.textContent = words.format(new Date(time.dateTime));
}
