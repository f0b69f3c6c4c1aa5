// Follows one lead through the stack by the same JSON that everybody can read.
// All text goes into the page as text, never as markup.
(function () {
  "use strict";
  const $ = id => document.getElementById(id);
  const words = s => String(s).replace(/[_.]/g, " ");
  const capital = s => words(s).charAt(0).toUpperCase() + words(s).slice(1);
  const stamp = iso => new Date(iso).toUTCString().replace(/ GMT$/, " UTC").replace(/:\d\d UTC/, " UTC");
  const exact = iso => new Date(iso).toUTCString().replace(/ GMT$/, " UTC");
  function el(tag, props, ...children) {
    const e = Object.assign(document.createElement(tag), props || {});
    e.append(...children.filter(c => c !== null && c !== undefined));
    return e;
  }
  function fill(node, ...children) { node.replaceChildren(...children); }
  async function get(path) {
    const r = await fetch(path, { headers: { Accept: "application/json" } });
    if (!r.ok) throw new Error(path + " answers " + r.status);
    return r.json();
  }

  let email = new URLSearchParams(location.search).get("email") || "";
  let key = "", skipping = false, turn = 0, timer = 0, took = null;
  const shown = new Set();

  // --- The steps ---

  function step(id, state, ...detail) {
    const li = $("s-" + id);
    if (li.className !== state) li.className = state;
    if (detail.length) fill(li.querySelector("div"), ...detail);
  }
  function sum(parts) { return parts.map(p => (p.points < 0 ? "−" : "+") + Math.abs(p.points) + " " + p.reason).join(", "); }

  function showSteps(lead, messages) {
    step("scored", "done", "Fit ", el("b", { textContent: lead.fit.grade + " (" + lead.fit.score + ")" }), ": " + (sum(lead.fit.parts) || "no rule matches") +
      ". Engagement ", el("b", { textContent: lead.engagement.score }), ": " + (sum(lead.engagement.parts) || "nothing yet") + ".");
    const q = lead.qualification, h = lead.handoff;
    if (q.qualified || h) step("qualified", "done", h ? h.reason : q.reason);
    else step("qualified", "failed", "Not handed off.", ...(lead.why_not || []).map(w => el("div", { textContent: "• " + w.reason + (w.fix ? ". What would change it: " + w.fix + "." : ".") })));
    if (h) step("assigned", "done", "To ", el("b", { textContent: h.holder ? h.holder.name : "nobody now" }), ", " + stamp(h.since) + ". " +
      (h.considered || []).filter(c => !c.chosen).length + " others were considered; the lead's page says why not them.");
    else step("assigned", "waiting", q.qualified ? "The lead waits for a rep who can take it." : "Only a qualified lead is assigned.");
    const told = messages.filter(m => m.event.type === "lead.handed_off");
    if (told.length) step("told", "done", [...new Set(told.map(m => capital(m.channel) + " to " + m.to))].join(", "));
    else if (h) step("told", "running");
  }

  // --- The messages ---

  function message(m, open) {
    const body = el("div");
    if (m.subject) body.append(el("h3", { textContent: m.subject }));
    if (m.html) {
      const f = el("iframe", { title: "The e-mail " + m.subject });
      f.setAttribute("sandbox", "allow-popups allow-popups-to-escape-sandbox");
      f.src = "/_local/outbox?message=" + encodeURIComponent(m.id);
      body.append(f);
    } else body.append(el("pre", { className: "plain", textContent: m.text }));
    const links = (m.links || []).filter(l => /^https?:/.test(l.url) && !m.html);
    if (links.length) body.append(el("p", { className: "row" }, ...links.map(l => el("a", { className: "button quiet", href: l.url, target: "_blank", rel: "noopener", textContent: l.label }))));
    const d = el("details", { open }, el("summary", { textContent: capital(m.channel) + " to " + m.to + " · " + words(m.event.type) }),
      el("div", { className: "message" }, body));
    return d;
  }
  function showMessages(messages) {
    for (const m of messages) {
      if (shown.has(m.id)) continue;
      shown.add(m.id);
      const first = m.event.type === "lead.handed_off", boss = m.event.type === "lead.escalated";
      (boss ? $("boss") : $("rep")).append(message(m, m.channel !== "webhook" && (first || boss)));
      $("rep-empty").hidden = true;
    }
  }

  // --- The clocks and the endings ---

  function next(lead) {
    return (lead.clocks || []).filter(c => c.state === "running").sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at))[0];
  }
  const names = { accept: "The rep accepts", first_contact: "The customer hears from us", follow_up: "Follow-up", feedback: "Feedback" };
  const tone = { running: "info", met: "ok", breached: "bad", stopped: "", paused: "warn" };
  function showClocks(lead) {
    const rows = (lead.clocks || []).map(c => {
      const due = el("time", { dateTime: c.due_at, textContent: c.state === "running" ? handoff.distance(Date.parse(c.due_at) - handoff.now()) : words(c.state) });
      const li = el("li", {}, el("div", { className: "row between" }, el("b", { textContent: names[c.kind] || words(c.kind) }), el("span", { className: "badge " + (tone[c.state] || ""), textContent: c.state })),
        el("div", { className: "row between" }, el("span", { className: "big" }, due), el("span", { className: "small", textContent: "due " + stamp(c.due_at) })));
      if (c.state === "running") { due.dataset.until = ""; li.dataset.running = ""; }
      return li;
    });
    fill($("clocks"), ...rows);
    $("promise").hidden = rows.length > 0;
    const c = next(lead);
    $("skip-line").hidden = !c && !skipping;
    if (c && !skipping) $("skip").textContent = c.kind === "accept" ? "Skip ahead to the deadline" : "Skip ahead to the next deadline (" + words(c.kind) + ")";
    const accepted = ["accepted", "contacted"].includes(lead.stage);
    $("end-accepted").className = "notice" + (accepted ? " ok" : "");
    if (accepted && lead.handoff) fill($("end-accepted").querySelector("p"), lead.handoff.holder.name + " accepted. The accept clock is met; the clock for the customer runs until somebody says that they were contacted.");
  }
  const kinds = { "clock.warned": "care", "clock.breached": "alarm", "lead.escalated": "strong", "lead.accepted": "good", "lead.rejected": "care", "lead.contacted": "good", "lead.reassigned": "strong", "lead.handed_off": "strong", "clock.met": "good" };
  function showStory(events) {
    const late = events.filter(e => kinds[e.type]);
    fill($("story"), ...late.map(e => el("li", { className: kinds[e.type] }, el("b", { textContent: capital(e.type) }),
      el("div", { className: "small", textContent: exact(e.time) + (e.detail && e.detail.clock ? " · " + words(e.detail.clock.kind) + " clock, due " + exact(e.detail.clock.due_at) : "") }))));
    const escalated = events.some(e => e.type === "lead.escalated");
    $("end-escalated").className = "notice" + (escalated ? " bad" : "");
    if (escalated) fill($("end-escalated").querySelector("p"), "Nobody acted in time. The breach stands in the lead's history, and the manager was told; their message is above.");
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
        showSteps(lead, messages);
        showMessages(messages);
        showClocks(lead);
        showStory(events);
        $("lead-link").hidden = false;
        $("lead-link").firstElementChild.href = "/leads/" + key;
      }
    } catch (e) { $("sent").textContent = "Looking again: " + e.message; }
    timer = setTimeout(look, document.hidden || turn++ > 60 ? 3000 : 600);
  }

  function forget() {
    key = "";
    shown.clear();
    for (const id of ["rep", "boss", "clocks", "story", "event-list"]) fill($(id));
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
