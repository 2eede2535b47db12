// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0
"use strict";
const field = document.getElementById("q");
const list = document.getElementById("list");
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && document.activeElement !== field) {
    event.preventDefault();
    field.focus();
  } else if (event.key === "Escape") {
    field.value = "";
    list.replaceChildren();
  }
});
field.addEventListener("input", async () => {
  const asked = field.value;
  const answer = await fetch("/animals?q=" + encodeURIComponent(asked));
  const names = await answer.json();
  if (asked === field.value) {
    list.replaceChildren(...names.map((name) => {
      const item = document.createElement("li");
      item.textContent = name;
      return item;
    }));
  }
});
