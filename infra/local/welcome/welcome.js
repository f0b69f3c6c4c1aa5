// Follows one lead through the stack by the same JSON that everybody can read.
// All text goes into the page as text, never as markup.
(function () {
  "use strict";
  const $ = id => document.getElementById(id);
  const words = s => String(s).replace(/[_.]/g, " ");
  const capital = s => words(s).charAt(0).toUpperCase() + words(s).slice(1);
  // Times as the pages write them: Wed 25 Nov 2026, 15:04 UTC.
  function write(iso, length) {
    const [day, date, month, year, time] = new Date(iso).toUTCString().replace(",", "").split(" ");
    return day + " " + Number(date) + " " + month + " " + year + ", " + time.slice(0, length) + " UTC";
  }
  const stamp = iso => write(iso, 5), exact = iso => write(iso, 8);
  function el(tag, props, ...children) {
    const e = Object.assign(document.createElement(tag), props || {});
    e.append(...children.filter(c => c !== null && c !== undefined));
    return e;
  }
  function fill(node, ...children) { node.replaceChildren(...children); }
  async function get(path) {
    const r = await fetch(path, { credentials: "omit", headers: { Accept: "application/json" } }).catch(() => { throw new Error("the stack does not answer; make run starts it again"); });
    if (!r.ok) throw new Error(path + " answers " + r.status);
    return r.json();
  }

  let email = new URLSearchParams(location.search).get("email") || "";
  let key = "", skipping = false, filled = false, turn = 0, timer = 0, took = null;
  const shown = new Map();

  // --- The steps ---

  function step(id, state, ...detail) {
    const li = $("s-" + id);
    if (li.className !== state) li.className = state;
    if (detail.length) fill(li.querySelector("div"), ...detail);
  }
  function name(id, text) { $("s-" + id).querySelector("b").textContent = text; }
  function score(title, points, parts) {
    return el("div", {}, title + " ", el("b", { textContent: points }), ": " +
      (parts.map(p => (p.points < 0 ? "−" : "+") + Math.abs(p.points) + " " + p.reason).join(", ") || "no rule matches") + ".");
  }

  function showSteps(lead, messages) {
    step("scored", "done", score("Fit", lead.fit.grade + " (" + lead.fit.score + ")", lead.fit.parts), score("Engagement", lead.engagement.score, lead.engagement.parts));
    const q = lead.qualification, h = lead.handoff, waits = lead.stage === "qualified", refused = !q.qualified && !h && !waits;
    name("qualified", refused ? "Not qualified" : "Qualified");
    if (!refused) step("qualified", "done", (h ? h.reason : q.reason) + ".");
    else step("qualified", "failed", ...(lead.why_not || []).map(w => el("div", {}, el("b", { textContent: w.reason + "." }), w.fix ? " What would change it: " + w.fix + "." : "")));
    const others = h ? (h.considered || []).filter(c => !c.chosen).length : 0;
    if (h) step("assigned", "done", "To ", el("b", { textContent: h.holder.name }), ", " + stamp(h.since) + ". " +
      (others === 1 ? "1 other was" : others + " others were") + " considered; the lead's page says why not them.");
    else step("assigned", "waiting", refused ? "Only a qualified lead is assigned." : "The lead waits for a rep who can take it.");
    const told = messages.filter(m => m.event.type === "lead.handed_off");
    if (told.length) step("told", "done", told.map(m => capital(m.channel) + " to " + reader(m.to)).join(", ") + ".");
    else if (h) step("told", "running");
    else step("told", "waiting", refused ? "There is nothing to tell anybody." : "");
    $("rep-empty").textContent = refused ? "No message: this lead is not handed off." : waiting;
  }

  // --- The messages ---

  const people = new Map(), waiting = $("rep-empty").textContent;
  function reader(to) {
    const [kind, who] = to.split(":");
    if (people.has(to)) return people.get(to);
    return kind === "rep" ? "the rep " + who : kind === "manager" ? "the manager of " + who : kind === "system" ? "your systems" : to;
  }
  function message(m, open) {
    const body = el("div");
    if (m.subject) body.append(el("h3", { textContent: m.subject }));
    if (m.html) {
      const f = el("iframe", { title: "The e-mail " + m.subject });
      f.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
      f.src = "/_local/outbox?message=" + encodeURIComponent(m.id);
      body.append(f);
    } else body.append(el("pre", { className: "plain", textContent: m.text.startsWith(m.subject + "\n") ? m.text.slice(m.subject.length).trimStart() : m.text }));
    const links = (m.links || []).filter(l => /^https?:/.test(l.url) && !m.html);
    if (links.length) body.append(el("p", { className: "row" }, ...links.map(l => el("a", { className: "button quiet", href: l.url, target: "_blank", rel: "noopener", textContent: l.label }))));
    return el("details", { open }, el("summary", { textContent: capital(m.channel) + " to " + reader(m.to) + ": " + words(m.event.type) }), el("div", { className: "message" }, body));
  }
  function showMessages(messages) {
    for (const m of messages) {
      const known = shown.get(m.id);
      if (known && known.at === m.updated_at) continue;
      const node = message(m, known ? known.node.open : m.channel === "email");
      shown.set(m.id, { at: m.updated_at, node });
      if (known) { known.node.replaceWith(node); continue; } // changed where it is
      if (m.channel === "webhook") {
        $("systems").append(node);
        $("systems").hidden = false;
        $("systems").firstElementChild.textContent = "Signed webhooks to your systems (" + ($("systems").children.length - 1) + ")";
        continue;
      }
      (["lead.escalated", "lead.held"].includes(m.event.type) ? $("boss") : $("rep")).append(node);
      $("rep-empty").hidden = true;
    }
  }

  // --- The clocks and the endings ---

  function next(lead) {
    return (lead.clocks || []).filter(c => c.state === "running").sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at))[0];
  }
  const names = { accept: "Accept or reject", first_contact: "First contact", follow_up: "Follow-up", feedback: "Feedback" };
  const tone = { running: "info", met: "ok", breached: "bad", stopped: "", paused: "warn" };
  function ending(id, happened, look, text) {
    $(id).className = "notice" + (happened ? " " + look : "");
    $(id).querySelector(".badge").hidden = !happened;
    fill($(id).querySelector("p"), happened ? text : endings[id]);
  }
  const endings = { "end-accepted": $("end-accepted").querySelector("p").textContent, "end-escalated": $("end-escalated").querySelector("p").textContent };
  // Whose promise a clock is: one first contact was promised to the customer, another is owed by each holder.
  function title(c) { return c.kind === "first_contact" && c.scope === "customer" ? "The customer's first contact" : names[c.kind] || words(c.kind); }
  function whose(c, h) {
    if (c.scope === "customer") return "Promised to the customer, whoever has the lead.";
    return h && c.handoff === h.number ? "Owed by " + h.holder.name + "." : "Owed by whoever had the lead before.";
  }
  function showClock(c, h) {
    const runs = c.state === "running", waits = runs && Date.parse(c.started_at) > handoff.now();
    const li = el("li", {}, el("div", { className: "row between" }, el("b", { textContent: title(c) }),
      el("span", { className: "badge " + (tone[c.state] || ""), textContent: waits ? "begins at opening" : c.state })));
    if (runs) {
      const due = el("time", { dateTime: c.due_at, textContent: handoff.distance(Date.parse(c.due_at) - handoff.now()) });
      due.dataset.until = "";
      li.dataset.running = "";
      li.append(el("div", { className: "big" }, due));
    }
    li.append(el("div", { className: "small", textContent: whose(c, h) + " " + (waits ? "Counts business time from " + stamp(c.started_at) + ". " : "") + "Due " + stamp(c.due_at) + "." + (c.state === "met" ? " Met " + stamp(c.ended_at) + "." : "") }));
    return li;
  }
  function showClocks(lead) {
    const h = lead.handoff, rows = (lead.clocks || []).map(c => showClock(c, h)), c = next(lead);
    fill($("clocks"), ...rows);
    $("promise").hidden = rows.length > 0;
    $("skip-line").hidden = !c && !skipping;
    if (c && !skipping) $("skip").textContent = c.kind === "accept" ? "Skip ahead to the deadline" : "Skip ahead to the next deadline (" + title(c).toLowerCase() + ")";
    const reached = lead.stage_at || {};
    ending("end-accepted", h && (reached.accepted || reached.contacted), "ok", h && h.holder.name + " accepted, and that clock stopped. " +
      (reached.contacted ? "The customer was contacted." : "The clocks of first contact run until somebody says that the customer was contacted."));
  }
  const kinds = { "clock.warned": "care", "clock.breached": "alarm", "lead.escalated": "strong", "lead.accepted": "good", "lead.rejected": "care", "lead.contacted": "good", "lead.reassigned": "strong", "lead.handed_off": "strong", "clock.met": "good" };
  function showStory(events) {
    const late = events.filter(e => kinds[e.type]);
    fill($("story"), ...late.map(e => el("li", { className: kinds[e.type] }, el("b", { textContent: capital(e.type) }),
      el("div", { className: "small", textContent: exact(e.time) + (e.detail && e.detail.clock ? " · " + title(e.detail.clock).toLowerCase() + ", due " + exact(e.detail.clock.due_at) : "") }))));
    ending("end-escalated", events.some(e => e.type === "lead.escalated"), "bad", "Nobody acted in time. The breach stands in the lead's history, and the manager was told: the message is above.");
    $("events").hidden = events.length === 0;
    fill($("event-list"), ...events.map(e => el("li", {}, el("code", { textContent: e.type }), " " + exact(e.time))));
  }

  $("skip").addEventListener("click", async () => {
    skipping = true;
    $("skip").disabled = true;
    $("skip-note").textContent = "Time moves. What falls due on the way is worked off in order.";
    try {
      const lead = await get("/api/leads/" + key), c = next(lead);
      if (c) {
        const to = new Date(Math.max(Date.parse(c.due_at), handoff.now()) + 60000).toISOString();
        const r = await fetch("/_local/clock", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ set: to }) });
        if (!r.ok) throw new Error("the clock answers " + r.status);
        handoff.set((await get("/_local/clock")).now);
      }
      $("skip-note").textContent = "";
    } catch (e) { $("skip-note").textContent = "That did not work: " + e.message; }
    skipping = false;
    $("skip").disabled = false;
    turn = 0;
    look();
  });

  // --- Looking, again and again; quickly at first ---

  async function look() {
    clearTimeout(timer);
    try {
      if (email && !key) {
        const found = (await get("/api/leads?email=" + encodeURIComponent(email))).leads;
        if (found.length) key = found[0].key;
      }
      if (key) {
        const [lead, outbox, bus] = await Promise.all([get("/api/leads/" + key), get("/_local/outbox?lead=" + key), get("/_local/events?lead=" + key)]);
        const messages = outbox.messages.filter(m => m.event.lead === key), events = bus.events.filter(e => e.lead === key);
        step("received", "done", took === null ? "Earlier." : "Answered in " + took + " ms.");
        step("stored", "done", lead.signals === undefined ? "In the inbox of the lead " + key + "." : lead.signals + (lead.signals === 1 ? " signal" : " signals") + " in the inbox of the lead " + key + ". The key is a hash: no address stands in it.");
        if (lead.handoff) people.set("rep:" + lead.handoff.holder.rep, lead.handoff.holder.name);
        if (took === null && !filled) fillIn(lead);
        showSteps(lead, messages);
        showMessages(messages);
        showClocks(lead);
        showStory(events);
        $("lead-link").hidden = false;
        $("lead-link").firstElementChild.href = "/leads/" + key;
      }
      if (email) $("sent").textContent = (took === null ? "" : "Sent. ") + "Following " + email + ".";
    } catch (e) { $("sent").textContent = "Looking again: " + e.message + "."; }
    timer = setTimeout(look, document.hidden || turn++ > 60 ? 3000 : 600);
  }

  // A page that is opened about a lead shows that lead's form, so that it can be sent again.
  function fillIn(lead) {
    filled = true;
    for (const [field, value] of Object.entries(lead.profile || {})) {
      const input = $("send").elements.namedItem(field);
      if (input) input.value = value;
    }
  }
  function forget() {
    key = "";
    shown.clear();
    $("systems").replaceChildren($("systems").firstElementChild);
    $("systems").hidden = true;
    for (const id of ["rep", "boss", "clocks", "story", "event-list"]) fill($(id));
    $("rep-empty").textContent = waiting;
    for (const id of ["scored", "qualified", "assigned", "told"]) step(id, "waiting");
    for (const id of ["skip-line", "lead-link", "events"]) $(id).hidden = true;
    $("rep-empty").hidden = false;
  }

  $("send").addEventListener("submit", async event => {
    event.preventDefault();
    const data = new URLSearchParams(new FormData($("send")));
    data.delete("_next");
    $("go").disabled = true;
    step("received", "running");
    try {
      const start = performance.now();
      const r = await fetch($("send").action, { method: "POST", body: data, headers: { Accept: "text/html" } });
      if (!r.ok) throw new Error("the forms function answers " + r.status);
      const ms = Math.round(performance.now() - start);
      if (data.get("email") !== email) forget();
      email = data.get("email");
      took = ms;
      step("received", "done", "Answered in " + ms + " ms.");
      step("stored", "done", "In the inbox.");
      step("scored", "running");
      $("sent").textContent = "Sent. Following " + email + ".";
      $("again").hidden = false;
      history.replaceState(null, "", "/?email=" + encodeURIComponent(email));
      turn = 0;
      look();
    } catch (e) {
      step("received", "failed", e.message);
      $("sent").textContent = "";
    }
    $("go").disabled = false;
  });

  async function clock() {
    try { handoff.set((await get("/_local/clock")).now); } catch (e) { /* The next turn tries again. */ }
    setTimeout(clock, 10000);
  }
  setInterval(() => {
    const ahead = handoff.now() - Date.now();
    $("clock").textContent = exact(handoff.now()) + (ahead > 5000 ? " · " + handoff.distance(ahead).slice(3) + " ahead of yours" : "");
  }, 1000);
  clock();
  if (email) {
    $("again").hidden = false;
    $("sent").textContent = "Following " + email + ".";
    look();
  }
})();
