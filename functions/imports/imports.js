// Sends a file part by part, each a megabyte, so that one of any size gets
// through and an interruption costs nothing: the parts that were sent before
// store nothing when they come again. Without it the forms send the file whole.
(function () {
  "use strict";
  var PART = 1 << 20, HEAD = 1 << 18, MOST = 200 << 20, file = null, about = null;
  function by(id) { return document.getElementById(id); }
  function say(text) { by("said").textContent = text; }

  // What all of the file says: its sum, and whether it is UTF-8.
  async function look(f) {
    var all = await f.arrayBuffer(), sum = new Uint8Array(await crypto.subtle.digest("SHA-256", all)), valid = "1";
    try { new TextDecoder("utf-8", { fatal: true }).decode(all); } catch (e) { valid = "0"; }
    return { sum: Array.from(sum, function (b) { return b.toString(16).padStart(2, "0"); }).join(""), size: String(f.size), valid: valid };
  }
  function form(element) {
    var data = new FormData(element);
    data.set("file", file.slice(0, HEAD), file.name);
    Object.keys(about).forEach(function (name) { data.set(name, about[name]); });
    return data;
  }
  function token() { return document.querySelector("#main input[name=form_token]").value; }

  // --- The preview takes the place of the page ---

  async function preview(element) {
    var r = await fetch("/imports", { method: "POST", body: form(element), headers: { Accept: "text/html" } });
    var doc = new DOMParser().parseFromString(await r.text(), "text/html"), main = doc.getElementById("main");
    document.title = doc.title;
    by("main").replaceChildren.apply(by("main"), Array.from(main.childNodes));
    if (by("once-more")) by("once-more").remove();
    by("main").focus();
    scrollTo(0, 0);
  }

  // --- The rows ---

  function wait(ms) { return new Promise(function (done) { setTimeout(done, ms); }); }
  async function ask(url, body) {
    for (var tries = 0; ; tries++) {
      var r = null;
      try { r = await fetch(url, { method: "POST", body: body, headers: { Accept: "application/json", "X-Handoff-Form-Token": token() } }); } catch (e) { /* the network is away */ }
      if (r && r.ok) return r.json();
      if (r && r.status !== 429 && r.status < 500 || tries === 8) {
        var why = r && (await r.json().catch(function () { return {}; })).detail;
        throw new Error(why || "The server does not answer. What was sent is stored: choose the file again to go on.");
      }
      await wait(Math.min(500 * Math.pow(2, tries), 15000));
    }
  }
  function left(seconds) { return seconds < 90 ? Math.ceil(seconds) + " s" : Math.ceil(seconds / 60) + " min"; }
  async function send(element) {
    var state = await ask("/api/imports", form(element)), at = state.begin, began = Date.now(), rejected = [], from = at.offset, size = PART, last = false;
    by("progress").hidden = false;
    by("bar").max = state.size;
    while (!last) {
      var end = Math.min(at.offset + size, file.size);
      last = end === file.size;
      var r = await ask("/api/imports/" + state.id + "/rows?offset=" + at.offset + "&row=" + at.row + "&line=" + at.line + (at.skip ? "&skip=1" : "") + (last ? "&last=1" : ""), file.slice(at.offset, end, "application/octet-stream"));
      if (r.next.offset < end && last && r.next.offset > at.offset) last = false; // it went up to where it goes on
      if (r.next.offset === at.offset && !last) throw new Error("A row of the file has no end. Save it from a spreadsheet again.");
      if (r.rejected) rejected.push(r.rejected);
      at = r.next;
      state = r.import;
      var spent = (Date.now() - began) / 1000, rate = at.row / spent;
      by("bar").value = at.offset;
      say(state.stored + " rows stored, " + state.rejected + " rejected, " + Math.round(rate) + " rows/s" + (last ? "" : ", " + left(spent * (file.size - at.offset) / (at.offset - from)) + " left"));
    }
    finish(state, rejected);
  }
  function link(text, url) {
    var a = document.createElement("a"), p = document.createElement("p");
    a.textContent = text;
    a.href = url;
    p.append(a);
    by("said").after(p);
    return a;
  }
  function finish(state, rejected) {
    say("Complete: " + state.stored + " rows stored, " + state.rejected + " rejected. The leads follow within minutes.");
    link("What was imported", "/imports/" + state.id);
    if (rejected.length) {
      var a = link("The rejected rows as CSV, each with what to do", URL.createObjectURL(new Blob(["\ufeff" + state.rejected_header].concat(rejected), { type: "text/csv" })));
      a.download = state.file.replace(/\.[^.]*$/, "") + ".rejected.csv";
    }
    file = null;
  }

  document.addEventListener("submit", async function (e) {
    var element = e.target, anew = e.submitter && e.submitter.id === "anew";
    if (element.id !== "choose" && !(element.id === "start" && file)) return;
    e.preventDefault();
    var buttons = Array.from(element.querySelectorAll("button")).filter(function (b) { return !b.disabled; });
    buttons.forEach(function (b) { b.disabled = true; });
    try {
      if (element.id === "choose") {
        file = by("file").files[0];
        if (file.size > MOST) throw new Error("The file has more than 200 MB: use handoffctl import.");
        say("Reading the file …");
        about = await look(file);
      }
      await (element.id === "choose" || anew ? preview(element) : send(element));
    } catch (x) {
      say(x.message);
      buttons.forEach(function (b) { b.disabled = false; });
    }
  });
}());
