// Moves between the rows of a page by j and k, and opens what a row offers by
// the keys that its links name. Without it everything works by Tab.
(function () {
  "use strict";
  var help = document.getElementById("keys"), box = document.getElementById("keys-on");
  if (!help) return;
  var store = null;
  try { store = window.localStorage; } catch (e) { /* a browser that keeps nothing */ }
  box.checked = !store || store.getItem("handoff-keys") !== "off";
  document.getElementById("keys-switch").hidden = false;
  box.addEventListener("change", function () { if (store) store.setItem("handoff-keys", box.checked ? "on" : "off"); });

  function rows() { return Array.from(document.querySelectorAll("[data-row]")); }
  function here() { var e = document.activeElement; return e && e.closest("[data-row]"); }
  function go(by) {
    var all = rows(), at = all.indexOf(here());
    var next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
    if (next) next.querySelector("a, button").focus();
  }
  function open(key) {
    var row = here(), e = row && row.querySelector('[data-key="' + key + '"]');
    if (e) location.href = e.dataset.open || e.href;
    return Boolean(e);
  }
  document.addEventListener("keydown", function (e) {
    if (e.ctrlKey || e.metaKey || e.altKey || !box.checked || e.target.closest("input, select, textarea")) return;
    if (e.key === "j") go(1);
    else if (e.key === "k") go(-1);
    else if (e.key === "?") { help.open = true; help.querySelector("summary").focus(); }
    else if (!/^[arcmsnfo]$/.test(e.key) || !open(e.key)) return;
    e.preventDefault();
  });
})();
