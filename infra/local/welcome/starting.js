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
  var silent = 0;
  async function look() {
    try {
      var r = await fetch("/_local/health", { headers: { Accept: "application/json" } });
      if (r.ok) return location.reload();
      var health = await r.json();
      if (health.steps) show(health.steps);
      silent = 0;
    } catch (e) {
      // A start that failed has said why in the terminal, and is over.
      if (++silent === 3) document.querySelector(".lede").textContent = "The stack has ended: the terminal says why. This page goes on by itself when make run starts it again.";
    }
    setTimeout(look, 700);
  }
  setTimeout(look, 400);
})();
