"use strict";
// Adds the counts of the page up again for one région or one département, and shows the rows that belong to it.
// Without it the page is whole: it then tells the whole campaign.
(() => {
  const { counts, places } = JSON.parse(document.getElementById("data").textContent);
  const all = Object.keys(counts);
  const region = document.getElementById("region");
  const departement = document.getElementById("departement");
  const options = [...departement.options].slice(1);
  const many = (selector, within = document) => [...within.querySelectorAll(selector)];

  const chosen = () =>
    all.filter((code) =>
      departement.value ? code === departement.value : !region.value || places[code][0] === region.value);
  const within = (element, codes) => {
    const place = element.closest("[data-d],[data-r]");
    if (!place) return codes;
    const { d, r } = place.dataset;
    return codes.filter((code) => (d ? code === d : places[code][0] === r));
  };
  const sum = (keys, codes) => {
    let total = 0;
    for (const code of codes) for (const key of keys) total += counts[code][key] || 0;
    return total;
  };
  const keysOf = (element, name = "k") => element.dataset[name].split(" ");
  const belongs = (element, codes) => {
    const { d, r } = element.dataset;
    return d ? codes.includes(d) : codes.some((code) => places[code][0] === r);
  };

  // Numbers, as the page writes them
  const grouped = (value, digits = 0) =>
    value.toLocaleString("fr-FR", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
  const short = (cents) => {
    const euros = cents / 100;
    for (const [limit, unit] of [[1e6, "M€"], [1e3, "k€"]])
      if (Math.abs(euros) >= limit) return `${(euros / limit).toFixed(1).replace(".0", "").replace(".", ",")}\u00a0${unit}`;
    return `${euros.toFixed(0)}\u00a0€`;
  };
  const written = {
    n: (value) => grouped(value),
    short,
    euros: (cents) => `${grouped(cents / 100, cents % 100 ? 2 : 0)}\u00a0€`,
  };

  const writeNumbers = (codes) => {
    for (const each of many("span[data-k]")) {
      const here = within(each, codes);
      const value = sum(keysOf(each), here);
      if (each.dataset.over) {
        const whole = sum(keysOf(each, "over"), here);
        each.textContent = whole ? `${((100 * value) / whole).toFixed(1).replace(".", ",")}\u00a0%` : "—";
      } else each.textContent = written[each.dataset.f](value);
    }
  };

  // Bars: the longest of a group takes all the room; a bar without a group takes it all
  const lengthOf = (drawn, codes) => {
    const here = within(drawn, codes);
    return many("rect", drawn).reduce((total, part) => total + Math.max(0, sum(keysOf(part), here)), 0);
  };
  const stretch = (codes) => {
    const longest = {};
    const drawn = many("svg.bar, g[data-g]").filter((each) => !each.closest("[hidden]"));
    const lengths = new Map(drawn.map((each) => [each, lengthOf(each, codes)]));
    for (const [each, length] of lengths)
      if (each.dataset.g) longest[each.dataset.g] = Math.max(longest[each.dataset.g] || 0, length);
    for (const [each, length] of lengths) {
      const here = within(each, codes);
      const most = (each.dataset.g ? longest[each.dataset.g] : length) || 1;
      const upright = "base" in each.dataset;
      let from = 0;
      for (const part of many("rect", each)) {
        const value = Math.max(0, sum(keysOf(part), here)) / most; // a debt has no length
        if (upright) {
          const { base, tall } = each.dataset;
          part.setAttribute("height", (value * tall).toFixed(1));
          part.setAttribute("y", (base - (from + value) * tall).toFixed(1));
        } else {
          part.setAttribute("x", `${(100 * from).toFixed(2)}%`);
          part.setAttribute("width", `${(100 * value).toFixed(2)}%`);
        }
        from += value;
      }
    }
    for (const each of many("[data-most]")) each.textContent = grouped(longest[each.dataset.most] || 0);
  };

  // Long tables: the rows that belong, some at a time
  const tables = many("table[data-rows]").map((table) => {
    const sheet = table.closest("section");
    const waiting = sheet.querySelector("template");
    const rows = [...table.tBodies[0].rows, ...(waiting ? many("tr", waiting.content) : [])];
    const told = { table, rows, step: Number(table.dataset.rows), most: Number(table.dataset.rows) };
    told.said = sheet.querySelector("[data-shown]");
    told.more = sheet.querySelector("[data-more]");
    told.more.addEventListener("click", () => {
      told.most += told.step;
      fill(told, chosen());
    });
    return told;
  });
  const fill = (told, codes) => {
    const wanted = told.rows.filter((row) => belongs(row, codes));
    told.table.tBodies[0].replaceChildren(...wanted.slice(0, told.most));
    const shown = Math.min(told.most, wanted.length);
    told.said.textContent =
      shown < wanted.length
        ? `Lignes\u00a0: ${grouped(shown)} premières sur ${grouped(wanted.length)}`
        : `Lignes\u00a0: ${grouped(shown)}`;
    told.more.hidden = shown === wanted.length;
  };

  const show = () => {
    const codes = chosen();
    for (const each of many("g[data-d]")) each.classList.toggle("off", !codes.includes(each.dataset.d));
    for (const each of many("tr[data-d], tr[data-r]"))
      if (!each.closest("table[data-rows]")) each.hidden = !belongs(each, codes);
    for (const each of many("li[data-d], li[data-r]"))
      each.hidden = "inside" in each.dataset ? !(region.value && belongs(each, codes)) : Boolean(region.value);
    writeNumbers(codes);
    stretch(codes);
    for (const each of tables) {
      each.most = each.step;
      fill(each, codes);
    }
    const where = departement.value
      ? `${places[departement.value][1]} (${departement.value})`
      : region.value ? region.selectedOptions[0].textContent : "Toute la campagne";
    const territories = (of) => `${grouped(of)} territoire${of < 2 ? "" : "s"}`;
    const [here, whole] = [sum(["territories"], codes), sum(["territories"], all)];
    document.getElementById("where").textContent =
      codes.length === all.length
        ? `Aucun filtre\u00a0: ${territories(whole)}.`
        : `Filtre\u00a0: ${where}, ${territories(here)} sur ${grouped(whole)}.`;
    for (const each of many("[data-where]"))
      each.textContent = codes.length === all.length ? "" : ` · ${where}`;
    document.getElementById("none").disabled = !region.value && !departement.value;
  };

  region.addEventListener("change", () => {
    const fitting = options.filter((each) => !region.value || places[each.value][0] === region.value);
    if (!fitting.includes(departement.selectedOptions[0])) departement.value = "";
    departement.replaceChildren(departement.options[0], ...fitting);
    show();
  });
  departement.addEventListener("change", () => {
    if (departement.value) region.value = places[departement.value][0];
    show();
  });
  document.getElementById("none").addEventListener("click", () => {
    region.value = "";
    departement.replaceChildren(departement.options[0], ...options);
    departement.value = "";
    show();
    region.focus();
  });
  document.getElementById("filters").hidden = false;
  for (const each of many("svg.time")) {
    const frame = each.parentElement; // on a narrow screen, the day of the page stands in the middle
    frame.scrollLeft = (frame.scrollWidth * each.querySelector(".flag.now").getBBox().x) / each.viewBox.baseVal.width - frame.clientWidth / 2;
  }
  show();
})();
