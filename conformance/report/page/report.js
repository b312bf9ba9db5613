(() => {
  "use strict";
  const find = (id) => document.getElementById(id);
  const items = [...document.querySelectorAll("[data-item]")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
    operations: ["finding", "operation"].includes(element.dataset.item)
      ? [...element.querySelectorAll(".operations code, th code")].map((code) => code.textContent)
      : null,
  }));
  const findings = items.filter(({ element }) => element.dataset.item === "finding");

  // What an entry does not tell (a rule has no operations) is no reason to hide it, but for "new only".
  const fits = ({ element, text, operations }, wanted) =>
    wanted.words.every((word) => text.includes(word)) &&
    (!wanted.contract || (element.dataset.contract ?? wanted.contract) === wanted.contract) &&
    (!wanted.level || (element.dataset.level ?? wanted.level) === wanted.level) &&
    (!wanted.operation || !operations || operations.includes(wanted.operation)) &&
    (!wanted.fresh || element.dataset.item !== "finding" || element.dataset.new === "true");

  const filter = () => {
    const wanted = {
      words: find("query").value.toLowerCase().split(/\s+/).filter(Boolean),
      contract: find("contract").value,
      level: find("level").value,
      operation: find("operation").value,
      fresh: find("new")?.checked,
    };
    for (const item of items) item.element.hidden = !fits(item, wanted);
    const shown = findings.filter(({ element }) => !element.hidden).length;
    find("shown").textContent = shown === findings.length ? "" : `${shown} of ${findings.length} findings shown`;
    find("nothing").hidden = shown > 0 || findings.length === 0;
    for (const heading of document.querySelectorAll(".contract")) {
      let rule = heading.nextElementSibling;
      let any = false;
      for (; rule?.matches(".rule"); rule = rule.nextElementSibling) any ||= !rule.hidden;
      heading.hidden = !any;
    }
  };

  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Pages that came over plain HTTP have no clipboard but this one.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("not copied");
  };

  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await copy(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
  }

  // A link into the page shows where it leads, whatever is filtered or folded.
  const follow = () => {
    const target = location.hash.length > 1 && find(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    target.hidden = false;
    if (target.matches("details")) target.open = true;
    target.scrollIntoView();
  };

  const form = document.querySelector(".filters");
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", follow);
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    find("query").focus();
  });
  filter();
  follow();
})();
