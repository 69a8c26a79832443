"use strict";
(() => {
  // Everything can be read without this script; it adds a filter, sorting, and opens what is folded for print.
  document.documentElement.classList.add("js");

  const fold = (text) => text.toLocaleLowerCase().normalize("NFKD");
  for (const box of document.querySelectorAll("input[data-filter]")) {
    const list = document.getElementById(box.dataset.filter);
    const count = document.getElementById(box.dataset.filter + "-count");
    const items = [...list.querySelectorAll("[data-item]")];
    const texts = items.map((item) => fold(item.textContent));
    box.addEventListener("input", () => {
      const wanted = fold(box.value.trim());
      let n = 0;
      items.forEach((item, i) => {
        item.hidden = !texts[i].includes(wanted);
        n += item.hidden ? 0 : 1;
      });
      const rest = list.querySelector("details");
      if (rest && wanted) rest.open = true;
      count.textContent = wanted ? `${n} of ${items.length}` : "";
    });
  }

  const key = (cell) => {
    const given = cell.dataset.sort ?? cell.textContent.trim();
    const number = Number(given);
    return given !== "" && Number.isFinite(number) ? number : given;
  };
  for (const button of document.querySelectorAll("th button")) {
    button.addEventListener("click", () => {
      const th = button.closest("th");
      const body = th.closest("table").tBodies[0];
      const column = [...th.parentNode.children].indexOf(th);
      const up = th.getAttribute("aria-sort") !== "ascending";
      for (const other of th.parentNode.children) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...body.rows].sort((a, b) => {
        const x = key(a.cells[column]);
        const y = key(b.cells[column]);
        const order = typeof x === "number" && typeof y === "number" ? x - y : String(x).localeCompare(String(y));
        return up ? order : -order;
      });
      body.append(...rows);
    });
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });
})();
