// Keeps a page alive: times in the reader's own zone, countdowns, and sections
// that are read again. The page's time may be ahead of the browser's, so only
// the difference is used.
(function () {
  "use strict";
  var body = document.body, was = new WeakMap(), asOf, ahead;
  function heed(iso) { asOf = Date.parse(iso); ahead = asOf - Date.now(); }
  function now() { return Date.now() + ahead; }
  function all(root, what) { return Array.from(root.querySelectorAll(what)); }
  heed(body.dataset.now);

  // --- Times, as format and times of package page write them ---

  var clock = new Intl.DateTimeFormat("en-US", { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short" });
  function here(t, shape) {
    var p = {};
    clock.formatToParts(t).forEach(function (x) { p[x.type] = x.value; });
    return shape.replace(/\w+/g, function (name) { return p[name]; });
  }
  function pair(a, unit, b, less) { return a + " " + unit + (b ? " " + b + " " + less : ""); }
  function working(s) {
    var h = Math.floor(s / 3600), m = Math.floor(s / 60);
    return h ? pair(h, "h", m % 60, "min") : m ? pair(m, "min", s % 60, "s") : s + " s";
  }
  function two(s) {
    var d = Math.floor(s / 86400);
    return d ? pair(d, "d", Math.floor(s / 3600) % 24, "h") : working(s);
  }
  function distance(ms) {
    var s = Math.floor(Math.abs(ms) / 1000), d = Math.floor(s / 86400), h = Math.floor(s / 3600), m = Math.floor(s / 60);
    if (s < 1) return "now";
    return ms < 0 ? (d ? d + " d" : h ? h + " h" : m ? m + " min" : s + " s") + " ago" : "in " + two(s);
  }
  // Business time runs only while the office is open: from data-opens, or until data-closes.
  function remaining(e, due, t) {
    if (due <= t) return t - due < 1000 ? "due now" : "overdue by " + two(Math.floor((t - due) / 1000));
    var opens = Date.parse(e.dataset.opens), closes = Date.parse(e.dataset.closes), shut = "opens" in e.dataset;
    var from = shut ? opens : was.get(e), open = shut ? t >= opens : !(t >= closes);
    var spent = Math.max(0, Math.min(t, shut || isNaN(closes) ? t : closes) - from) || 0;
    return working(Math.max(0, Math.floor(e.dataset.business - spent / 1000))) + " left" +
      (open ? "" : ", office closed" + (opens > t ? " until " + here(opens, opens - t < 518400000 ? "weekday hour:minute timeZoneName" : "weekday day month, hour:minute timeZoneName") : ""));
  }
  function tick() {
    var t = now();
    all(document, "time[data-until]").forEach(function (e) {
      var due = Date.parse(e.dateTime), text = e.dataset.business === undefined ? distance(due - t) : remaining(e, due, t), row = e.closest("[data-running]");
      if (e.textContent !== text) e.textContent = text;
      if (row) row.classList.toggle("late", due < t);
    });
  }
  function state(e) { return e.matches("details") ? e.open : /^(checkbox|radio)$/.test(e.type) ? e.checked : e.value; }
  var held = "input, select, textarea, details";
  // What came from the server is noted before anything is changed.
  function adopt(root) {
    all(root, held).forEach(function (e) { was.set(e, state(e)); });
    all(root, "time[title]").forEach(function (e) {
      var t = Date.parse(e.dateTime), local = here(t, "weekday day month year, hour:minute:second timeZoneName");
      was.set(e, asOf);
      if (e.title !== local) e.title += " · " + local;
      if ("stamp" in e.dataset) e.textContent = here(t, "weekday day month year, hour:minute timeZoneName");
    });
    all(root, "[data-zone]").forEach(function (e) {
      if (here(asOf, "timeZoneName") !== "UTC") e.textContent = "Times are by your clock, " + clock.resolvedOptions().timeZone.replace(/_/g, " ") + ".";
    });
  }

  // --- Sections with data-live="seconds" and an id, read again and again ---

  var live = all(document, "[data-live][id]"), every = Math.min.apply(null, live.map(function (e) { return e.dataset.live * 1000 || 15000; }));
  var failed = 0, tried = Date.now(), timer = 0, note = null;
  function bare(e) { return e.innerHTML.replace(/<time[^]*?<\/time>/g, "<time>"); }
  function say(text, label, url) {
    if (note.textContent === text + (label || "")) return;
    note.textContent = text;
    if (!url) return;
    var a = document.createElement("a");
    a.href = url;
    a.textContent = label;
    note.append(a);
  }
  // A section that somebody works in stays as it is.
  function busy(e) {
    var chosen = getSelection();
    return e.contains(document.activeElement) || (!chosen.isCollapsed && e.contains(chosen.anchorNode)) ||
      all(e, held).some(function (f) { return was.has(f) && was.get(f) !== state(f); });
  }
  // Only the times of a section whose rows are the same are put in anew, so that a reading aid keeps its place.
  function renew(e, fresh) {
    if (!fresh || busy(e)) return;
    var text = bare(fresh), times = all(fresh, "time");
    if (text === was.get(e)) all(e, "time").forEach(function (old, i) { old.replaceWith(times[i]); });
    else e.replaceChildren.apply(e, Array.from(fresh.childNodes));
    was.set(e, text);
    adopt(e);
  }
  // What the reader looks at stays where it is, if the new rows still have it.
  function hold() {
    var mark = scrollY > 0 && all(document, "main a[href], main h2").find(function (e) { return e.getBoundingClientRect().top >= 0; });
    if (!mark) return function () {};
    var top = mark.getBoundingClientRect().top, key = mark.outerHTML;
    return function () {
      var e = mark.isConnected ? mark : all(document, mark.localName).find(function (x) { return x.outerHTML === key; });
      if (e) scrollBy(0, e.getBoundingClientRect().top - top);
    };
  }
  function end() {
    live = [];
    say("Your session has ended. ", "Sign in", location.href);
  }
  async function look() {
    tried = Date.now();
    try {
      var r = await fetch(location.href, { headers: { Accept: "text/html", "X-Handoff-Refresh": "1" }, redirect: "manual", cache: "no-store" });
      if (r.status === 401 || r.type === "opaqueredirect") return end();
      if (!r.ok) throw r.status;
      var doc = new DOMParser().parseFromString(await r.text(), "text/html"), foot = doc.querySelector("body > footer"), back = hold();
      heed(doc.body.dataset.now);
      live.forEach(function (e) { renew(e, doc.getElementById(e.id)); });
      back();
      if (foot) {
        adopt(foot);
        document.querySelector("body > footer").replaceWith(foot);
      }
      tick();
      failed = 0;
      say("");
    } catch (e) {
      if (++failed > 1) say("This page is not current: the server does not answer. Trying again.");
    }
    again();
  }
  function again() {
    clearTimeout(timer);
    timer = setTimeout(function () { if (document.hidden || live.every(busy)) again(); else look(); }, Math.min(every * Math.pow(2, failed), 300000));
  }

  live.forEach(function (e) { was.set(e, bare(e)); });
  adopt(body);
  tick();
  setInterval(tick, 1000);
  if (live.length) {
    note = document.createElement("p");
    note.className = "toast";
    note.setAttribute("role", "status");
    body.append(note);
    document.documentElement.style.overflowAnchor = "none"; // hold does it, also for rows that are made anew
    document.addEventListener("visibilitychange", function () { if (!document.hidden && live.length && Date.now() - tried > every) { clearTimeout(timer); look(); } });
    again();
  }
  window.handoff = { distance: distance, now: now, set: function (iso) { ahead = Date.parse(iso) - Date.now(); tick(); } };
})();
