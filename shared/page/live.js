// Keeps "in 5 min" current and adds the reader's own time to tooltips. The
// page's time may be ahead of the browser's, so only the difference is used.
(function () {
  "use strict";
  var ahead = Date.parse(document.body.dataset.now) - Date.now();
  function pair(a, unit, b, less) { return a + " " + unit + (b ? " " + b + " " + less : ""); }
  function distance(ms) {
    var s = Math.floor(Math.abs(ms) / 1000), d = Math.floor(s / 86400), h = Math.floor(s / 3600), m = Math.floor(s / 60);
    if (s < 1) return "now";
    if (ms < 0) return (d ? d + " d" : h ? h + " h" : m ? m + " min" : s + " s") + " ago";
    return "in " + (d ? pair(d, "d", h % 24, "h") : h ? pair(h, "h", m % 60, "min") : m ? pair(m, "min", s % 60, "s") : s + " s");
  }
  function tick() {
    var now = Date.now() + ahead;
    document.querySelectorAll("time[data-until]").forEach(function (e) {
      var text = distance(Date.parse(e.dateTime) - now);
      if (e.textContent !== text) e.textContent = text;
      var clock = e.closest("[data-running]");
      if (clock) clock.classList.toggle("late", Date.parse(e.dateTime) < now);
    });
  }
  function local(e) {
    var t = e.target.closest && e.target.closest("time[datetime]");
    if (t && !t.dataset.local) {
      t.dataset.local = "1";
      t.title += " · " + new Date(t.dateTime).toLocaleString() + " here";
    }
  }
  window.handoff = { distance: distance, now: function () { return Date.now() + ahead; }, set: function (iso) { ahead = Date.parse(iso) - Date.now(); tick(); } };
  document.addEventListener("mouseover", local);
  tick();
  setInterval(tick, 1000);
})();
