"use strict";
// Small conveniences over pages that work without them: a glance at a fact, review in place, fresh figures.

(() => {
  const glance = document.createElement("div");
  glance.id = "glance";
  glance.hidden = true;
  document.body.append(glance);

  const recordOf = (mark) => document.getElementById("record-" + mark.dataset.fact);

  const show = (mark) => {
    const record = recordOf(mark);
    if (!record) return;
    const copy = record.cloneNode(true);
    copy.removeAttribute("id");
    copy.querySelectorAll("details, p, form").forEach((part) => part.remove());
    glance.replaceChildren(copy);
    glance.hidden = false;
    const box = mark.getBoundingClientRect();
    const size = glance.getBoundingClientRect();
    const left = Math.max(8, Math.min(box.left, innerWidth - size.width - 8));
    const below = box.bottom + 8 + size.height < innerHeight;
    glance.style.left = left + "px";
    glance.style.top = Math.max(8, below ? box.bottom + 8 : box.top - size.height - 8) + "px";
  };
  const hide = () => { glance.hidden = true; };

  for (const mark of document.querySelectorAll("a.fact")) {
    mark.addEventListener("mouseenter", () => show(mark));
    mark.addEventListener("focus", () => show(mark));
    mark.addEventListener("mouseleave", hide);
    mark.addEventListener("blur", hide);
    mark.addEventListener("click", () => {
      document.querySelectorAll(".here").forEach((one) => one.classList.remove("here"));
      const record = recordOf(mark);
      if (record) record.classList.add("here");
      hide();
    });
  }
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  addEventListener("scroll", hide, { passive: true });

  // ── review ────────────────────────────────────────────────────────────────────────────────────────────────────────
  const remembered = (name) => { try { return sessionStorage.getItem("fazhi-" + name) || ""; } catch { return ""; } };
  const remember = (name, value) => { try { sessionStorage.setItem("fazhi-" + name, value); } catch { /* private mode */ } };

  for (const form of document.querySelectorAll("form.review")) {
    for (const name of ["token", "reviewer"]) form.elements[name].value = remembered(name);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const answer = form.querySelector("output");
      const verdict = event.submitter.value;
      const body = { fact: form.dataset.fact, verdict, reviewer: form.elements.reviewer.value, reason: form.elements.reason.value };
      if (verdict === "corrected") {
        body.corrected = {};
        if (form.elements.value.value !== "") body.corrected.value = Number(form.elements.value.value);
        if (form.elements.metric.value !== form.dataset.metric) body.corrected.metric = form.elements.metric.value || null;
      }
      for (const name of ["token", "reviewer"]) remember(name, form.elements[name].value);
      answer.textContent = "…";
      try {
        const response = await fetch(form.action, {
          method: "POST",
          headers: { "Content-Type": "application/json", Authorization: "Bearer " + form.elements.token.value },
          body: JSON.stringify(body),
        });
        const said = await response.json().catch(() => ({}));
        answer.textContent = response.ok ? form.dataset.done : form.dataset.failed + ": " + (said.detail || response.status);
        answer.className = response.ok ? "good" : "bad";
      } catch (error) {
        answer.textContent = form.dataset.failed + ": " + error.message;
        answer.className = "bad";
      }
    });
  }

  // ── fresh figures on the pipeline page ────────────────────────────────────────────────────────────────────────────
  const live = document.getElementById("live");
  if (live) {
    setInterval(async () => {
      if (document.hidden) return;
      try {
        const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
        if (!response.ok) return;
        const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("live");
        if (fresh && !live.contains(document.activeElement)) live.replaceChildren(...fresh.childNodes);
      } catch { /* the next one may come through */ }
    }, 5000);
  }

  // ── replay of dead letters ────────────────────────────────────────────────────────────────────────────────────────
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form.replay")) return;
    event.preventDefault();
    const answer = form.querySelector("output");
    remember("token", form.elements.token.value);
    answer.textContent = "…";
    const dry = event.submitter.value === "dry";
    try {
      const response = await fetch(form.action, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: "Bearer " + form.elements.token.value },
        body: JSON.stringify({ stage: form.dataset.stage, reason: form.dataset.reason, dry_run: dry }),
      });
      const said = await response.json().catch(() => ({}));
      answer.className = response.ok ? "good" : "bad";
      if (!response.ok) { answer.textContent = form.dataset.failed + ": " + (said.detail || response.status); return; }
      answer.textContent = said.sent.length + said.left + " " + (dry ? form.dataset.would : form.dataset.done)
        + (said.refused.length ? " · " + said.refused.length + " " + form.dataset.refused : "");
    } catch (error) {
      answer.className = "bad";
      answer.textContent = form.dataset.failed + ": " + error.message;
    }
  });
  document.addEventListener("toggle", (event) => {
    const token = event.target.querySelector && event.target.querySelector("form.replay input[name=token]");
    if (token && !token.value) token.value = remembered("token");
  }, true);
})();
