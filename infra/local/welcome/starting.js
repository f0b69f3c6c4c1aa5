// Follows the start of the stack and goes on to the page when it is up.
(function () {
  "use strict";
  var list = document.getElementById("steps");
  function element(tag, text, name) {
    var e = document.createElement(tag);
    e.textContent = text;
    if (name) e.className = name;
    return e;
  }
  function show(steps) {
    list.replaceChildren.apply(list, steps.map(function (s) {
      var li = element("li", "", s.state);
      li.append(element("b", s.name), " ", element("span", s.state, "small"));
      if (s.detail) li.append(element("div", s.detail, "small"));
      return li;
    }));
  }
  async function look() {
    try {
      var r = await fetch("/_local/health", { headers: { Accept: "application/json" } });
      if (r.ok) return location.reload();
      var health = await r.json();
      if (health.steps) show(health.steps);
    } catch (e) { /* The front may be coming up again. */ }
    setTimeout(look, 700);
  }
  setTimeout(look, 400);
})();
