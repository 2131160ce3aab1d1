// Enhancement only: every page works without this file.
"use strict";

// "Send again" becomes possible when the waiting time is over; until then a countdown says so.
for (const button of document.querySelectorAll("[data-wait]")) {
  const label = button.textContent;
  const ends = Date.now() + Number(button.dataset.wait) * 1000;
  const step = () => {
    const left = Math.ceil((ends - Date.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0
      ? `${label} (${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`
      : label;
    if (left > 0) setTimeout(step, 1000);
  };
  step();
}

// Where the sign-up asks for work: find the number before the form goes.
for (const form of document.querySelectorAll("[data-proof]")) {
  const bits = Number(form.dataset.proof);
  const isProof = async (text) => {
    const bytes = new TextEncoder().encode(text);
    const hash = new DataView(await crypto.subtle.digest("SHA-256", bytes));
    return hash.getUint32(0) >>> (32 - bits) === 0;
  };
  const work = async () => {
    let number = 0;
    while (!(await isProof(`${form.elements.stamp.value}:${number}`))) number += 1;
    return number;
  };
  const proof = crypto.subtle && work();
  form.addEventListener("submit", async (event) => {
    if (!proof || form.elements.proof.value) return;
    event.preventDefault();
    form.elements.proof.value = await proof;
    // Later, because a form that is still being submitted cannot be submitted again.
    setTimeout(() => form.requestSubmit(event.submitter));
  });
}

// The editor saves while you type, and reloads the mail beside it.
const editor = document.querySelector("[data-autosave]");
if (editor) {
  const said = document.querySelector("[data-said]");
  let timer = 0;
  let isSaving = false;
  let saving = Promise.resolve();
  const save = async () => {
    const answer = await fetch(editor.dataset.autosave, {
      method: "POST",
      body: new URLSearchParams(new FormData(editor)),
    });
    const result = await answer.json().catch(() => ({}));
    if (!answer.ok || answer.redirected) {
      const tooLong = answer.status === 413 && said.dataset.tooLong;
      said.textContent = result.error || tooLong || said.dataset.failed;
      editor.dataset.unsaved = "yes";
      if (answer.status >= 500 || answer.status === 429) throw new Error("try again");
      return;
    }
    delete editor.dataset.unsaved;
    editor.elements.version.value = result.version;
    editor.dispatchEvent(new Event("saved"));
    said.textContent = said.dataset.saved;
    for (const frame of document.querySelectorAll("iframe[data-preview]")) {
      frame.src = frame.dataset.preview;
    }
    for (const place of document.querySelectorAll("[data-count]")) {
      place.textContent = result.by_language[place.dataset.count] ?? 0;
    }
    for (const place of document.querySelectorAll("[data-lags]")) {
      place.textContent = result.lags[place.dataset.lags] ?? "";
    }
  };
  const saveNow = () => {
    clearTimeout(timer);
    timer = 0;
    isSaving = true;
    saving = saving.then(save)
      .catch(() => {
        said.textContent = said.dataset.failed;
        editor.dataset.unsaved = "yes";
        timer = setTimeout(saveNow, 5000);
      })
      .finally(() => { isSaving = false; });
    return saving;
  };
  editor.addEventListener("input", (event) => {
    if (event.target.name === "addresses") return;
    clearTimeout(timer);
    timer = setTimeout(saveNow, 700);
  });
  // A form that is sent while it is being saved would be in conflict with itself.
  editor.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!isSaving) return;
    event.preventDefault();
    saving.then(() => editor.requestSubmit(event.submitter));
  });
  // Nobody goes on to sending before the last words are saved.
  for (const link of document.querySelectorAll("[data-after-saving]")) {
    link.addEventListener("click", (event) => {
      if (!timer && !isSaving) return;
      event.preventDefault();
      (timer ? saveNow() : saving).then(() => { location.href = link.href; });
    });
  }
}

// Writing as in a text: marks by buttons and keys, and what is pasted comes without its maker's dress.
const marked = (node) => {
  if (node.nodeType === 3) return node.textContent.replace(/\s+/g, " ");
  if (node.nodeType !== 1 || ["STYLE", "SCRIPT", "META", "TITLE", "HEAD"].includes(node.tagName)) return "";
  const inner = [...node.childNodes].map(marked).join("");
  const words = inner.trim();
  const style = node.getAttribute("data-style") || "";
  const heading = /^H([1-6])$/.exec(node.tagName);
  if (heading) return words ? `\n\n${heading[1] > 2 ? "###" : "##"} ${words}\n\n` : "";
  if (node.tagName === "BR") return "\n";
  if (node.tagName === "LI") {
    const isCounted = node.parentNode.tagName === "OL";
    return `\n${isCounted ? `${[...node.parentNode.children].indexOf(node) + 1}.` : "-"} ${words.replace(/\n{2,}/g, "\n")}`;
  }
  if (["UL", "OL", "P", "DIV", "TABLE", "TR"].includes(node.tagName)) return words ? `\n\n${words}\n\n` : "";
  if (node.tagName === "BLOCKQUOTE") return `\n\n${words.split("\n").map((line) => `> ${line}`).join("\n")}\n\n`;
  if (!words) return inner;
  const around = (mark) => inner.replace(words, () => `${mark}${words}${mark}`);
  if (node.tagName === "A" && /^(https?:|mailto:)/.test(node.href)) return inner.replace(words, () => `[${words}](${node.href})`);
  if (/font-weight:\s*normal/.test(style)) return inner;  // Google wraps all in such a <b>
  if (["B", "STRONG"].includes(node.tagName) || /font-weight:\s*(bold|[6-9]00)/.test(style)) return around("**");
  if (["I", "EM"].includes(node.tagName) || /font-style:\s*italic/.test(style)) return around("*");
  return inner;
};
// Styles are read, never applied: our own rules forbid it, and nobody would see it.
const unstyled = (html) => html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/\sstyle\s*=/gi, " data-style=");
const cleaned = (html) => marked(new DOMParser().parseFromString(unstyled(html), "text/html").body)
  .replace(/\u00a0/g, " ").replace(/[ \t]+\n/g, "\n").replace(/\n{3,}/g, "\n\n").trim();
for (const tools of document.querySelectorAll("[data-tools]")) {
  const text = document.getElementById(tools.dataset.tools);
  const put = (words) => {
    text.focus();
    // It keeps the browser's own way back; all browsers have it, whatever its standing.
    document.execCommand("insertText", false, words);
  };
  const acts = {
    around: (mark) => put(`${mark}${text.value.slice(text.selectionStart, text.selectionEnd) || "…"}${mark}`),
    lines: (mark) => {
      const start = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
      const end = text.selectionEnd;
      text.setSelectionRange(start, end);
      put(text.value.slice(start, end).split("\n").map((line) => mark + line).join("\n"));
    },
    link: () => {
      const words = text.value.slice(text.selectionStart, text.selectionEnd);
      put(/^https?:/.test(words) ? `[…](${words})` : `[${words || "…"}](https://)`);
    },
  };
  tools.hidden = false;
  for (const button of tools.querySelectorAll("button")) {
    button.addEventListener("click", () => acts[button.dataset.does](button.dataset.mark));
  }
  text.addEventListener("keydown", (event) => {
    const key = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase();
    const found = key && tools.querySelector(`[data-key="${key}"]`);
    if (!found) return;
    event.preventDefault();
    found.click();
  });
  text.addEventListener("paste", (event) => {
    const html = event.clipboardData.getData("text/html");
    if (!html || !/<(b|strong|i|em|a|h[1-6]|li|p|blockquote|span)[\s>]/i.test(html)) return;
    event.preventDefault();
    put(cleaned(html));
  });
}

// What is put in comes where the cursor was.
for (const place of document.querySelectorAll("[data-cursor]")) {
  const text = document.getElementById(place.dataset.cursor);
  const note = () => {
    for (const other of document.querySelectorAll("[data-cursor]")) other.value = "";
    place.value = text.selectionEnd;
  };
  for (const event of ["input", "keyup", "mouseup", "focus", "blur"]) text.addEventListener(event, note);
}

// What is typed or chosen stays in this tab until it is sent: through a reload, another language,
// an ended session. Staff rooms share computers, so it ends with the tab, and at sign-out.
try { for (const key of Object.keys(localStorage)) if (key.startsWith("contribute-")) localStorage.removeItem(key); } catch { /* none */ }
const keeper = {
  say: (form) => {  // else what is only typed looks as if it were saved
    const said = document.createElement("p");
    said.className = "hint";
    said.role = "status";
    said.textContent = document.body.dataset.kept;
    form.prepend(said);
  },
  fields: (form) => [...form.elements].filter((field) =>
    field.name && (field.type !== "hidden" || (form.dataset.keepHidden || "").split(" ").includes(field.name))
    && field.type !== "file" && field.type !== "password" && field.type !== "submit"
    && (field.tabIndex >= 0 || field.type === "hidden") && !field.closest("[data-never-kept]")),
  values: (form) => keeper.fields(form).map((field) => ["radio", "checkbox"].includes(field.type)
    ? [field.name, field.value, field.checked] : [field.name, null, field.value]),
  put: (form, values) => {
    const fields = keeper.fields(form);
    const seen = {};
    for (const [name, option, value] of values) {
      const same = fields.filter((field) => field.name === name);
      if (option === null) {
        seen[name] = (seen[name] ?? -1) + 1;  // rows of a table have one name
        if (same[seen[name]]) same[seen[name]].value = value;
      } else for (const field of same) if (field.value === option) field.checked = value;
    }
  },
};
const sentKey = sessionStorage.getItem("sent");
const hasFailed = document.querySelector("[data-not-done], .problem, [aria-invalid]");
if (sentKey && !hasFailed) {
  const again = document.querySelector(`[data-keep="${sentKey}"][data-keep-on]`);
  if (!again) sessionStorage.removeItem(`kept:${sentKey}`);
}
sessionStorage.removeItem("sent");
if (document.querySelector("[data-signed-out]")) sessionStorage.clear();
for (const form of document.querySelectorAll("[data-keep]")) {
  const key = `kept:${form.dataset.keep}`;
  const version = () => form.elements.version?.value || "";
  const shown = JSON.stringify(keeper.values(form));
  let isDirty = false;
  let isLeaving = false;
  const kept = JSON.parse(sessionStorage.getItem(key) || "null");
  const isSame = kept && (kept.version === version() || form.dataset.keepHidden);
  // After a refusal the page shows what was sent; that is as new as what was kept.
  if (isSame && !hasFailed && JSON.stringify(kept.values) !== shown) {
    keeper.put(form, kept.values);
    if (!form.dataset.autosave) keeper.say(form);
    if (form.dataset.autosave) form.dispatchEvent(new Event("input"));  // what is back is saved
  }
  const keep = () => {
    sessionStorage.setItem(key, JSON.stringify({ version: version(), values: keeper.values(form) }));
  };
  form.addEventListener("input", () => { isDirty = true; keep(); });
  form.addEventListener("saved", () => { isDirty = false; keep(); });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget) return;  // only looked at, in a frame
    isLeaving = true;
    sessionStorage.setItem("sent", form.dataset.keep);
  });
  for (const link of document.querySelectorAll("a[hreflang]")) {
    link.addEventListener("click", () => { isLeaving = true; });
  }
  addEventListener("beforeunload", (event) => {
    const isLost = form.dataset.autosave ? form.dataset.unsaved : isDirty;
    if (isLost && !isLeaving) event.preventDefault();
  });
}

// Progress of sending, until there is nothing left to tell.
const progress = document.querySelector("[data-progress]");
if (progress) {
  const show = (counts) => {
    for (const place of document.querySelectorAll("[data-state]")) {
      place.textContent = counts[place.dataset.state];
    }
    const left = counts.queued + counts.reserved + counts.sending;
    const bar = document.querySelector("progress");
    bar.max = counts.total || 1;
    bar.value = counts.total - left;
    const { phase, waits } = progress.dataset;
    if (counts.phase !== phase || String(counts.waits) !== waits) location.reload();
  };
  const look = async () => {
    const answer = await fetch(progress.dataset.progress).catch(() => null);
    if (answer && answer.ok) show(await answer.json());
    setTimeout(look, 2000);
  };
  // The server tells what changes; a proxy that keeps that back is asked again and again.
  const listen = () => {
    const told = new EventSource(progress.dataset.events);
    let isHeard = false;
    told.addEventListener("message", (event) => {
      isHeard = true;
      show(JSON.parse(event.data));
    });
    setTimeout(() => {
      if (isHeard) return;
      told.close();
      look();
    }, 4000);
  };
  if (["released", "about to go"].includes(progress.dataset.phase)) listen();
}

// The facilitator's run sheet says which part it is, and how much of it is left.
const timer = document.querySelector("[data-timer]");
if (timer) {
  const rows = [...document.querySelectorAll("[data-begins]")];
  const step = () => {
    const now = Date.now();
    for (const row of rows) {
      const isNow = Date.parse(row.dataset.begins) <= now && now < Date.parse(row.dataset.ends);
      row.toggleAttribute("data-now", isNow);
      if (isNow) {
        const left = Math.ceil((Date.parse(row.dataset.ends) - now) / 1000);
        timer.textContent = timer.dataset.timer
          .replace("{part}", row.querySelector("[data-what]").textContent)
          .replace("{left}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
      }
    }
    if (!rows.some((row) => row.hasAttribute("data-now"))) timer.textContent = "";
    setTimeout(step, 1000);
  };
  step();
}

// Passkeys: the browser makes or shows one, and the form carries what it says.
const takesJson = self.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON
  && PublicKeyCredential.parseRequestOptionsFromJSON;
for (const form of takesJson ? document.querySelectorAll("[data-passkey]") : []) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.passkey.value) return;
    event.preventDefault();
    const options = JSON.parse(form.dataset.options);
    try {
      const made = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.passkey.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch {
      form.querySelector(".problem")?.remove();
      const said = Object.assign(document.createElement("p"), { className: "problem", textContent: form.dataset.failed });
      said.setAttribute("role", "alert");
      form.prepend(said);
    }
  });
}

// A form that is on its way is not sent again by a second click; coming back to the page frees it.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.submitter?.formTarget) return;
  const form = event.target;
  if (form.dataset.onItsWay) {
    event.preventDefault();
    return;
  }
  form.dataset.onItsWay = "yes";
  setTimeout(() => { delete form.dataset.onItsWay; }, 5000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-on-its-way]")) delete form.dataset.onItsWay;
});

// A list is found as one types: what changes is fetched and put in its place.
for (const form of document.querySelectorAll("[data-live]")) {
  let timer = 0;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const fields = [...new FormData(form)].filter(([, value]) => value);
    const address = `${form.getAttribute("action")}?${new URLSearchParams(fields)}`;
    const answer = await fetch(address).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector(form.dataset.live);
    if (!found || mine !== asked) return;
    document.querySelector(form.dataset.live).replaceWith(found);
    form.querySelector("[data-live-said]").textContent = found.querySelector("[data-sum]").textContent.trim();
    history.replaceState(null, "", address);
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 200);
  });
}

// "/" goes to the search of a list; the arrows go down its names and up again.
document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-slash]");
  if (!search || event.ctrlKey || event.metaKey || event.altKey) return;
  const isTyping = event.target.matches("input, textarea, select");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    search.select();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const names = [search, ...document.querySelectorAll("[data-names] a")];
  const at = names.indexOf(document.activeElement);
  if (step && at >= 0 && names[at + step]) {
    event.preventDefault();
    names[at + step].focus();
  }
});

// What is chosen in such a form counts at once: nobody overlooks its button.
for (const form of document.querySelectorAll("[data-at-once]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// While a worker is at it, the page looks again by itself.
const refreshed = document.querySelector("[data-refresh]");
if (refreshed) setTimeout(() => location.reload(), Number(refreshed.dataset.refresh));

// A part of a letter is pulled to its place; the buttons beside it do the same for keys and fingers.
for (const list of document.querySelectorAll("[data-pull]")) {
  let pulled = null;
  for (const part of list.children) {
    const handle = Object.assign(document.createElement("span"), { className: "handle", draggable: true, textContent: "⠿" });
    handle.setAttribute("aria-hidden", "true");
    part.prepend(handle);
    handle.addEventListener("dragstart", (event) => {
      pulled = part;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setDragImage(part, 0, 0);
    });
    part.addEventListener("dragover", (event) => {
      if (!pulled) return;
      event.preventDefault();
      for (const one of list.children) one.classList.toggle("over", one === part && one !== pulled);
    });
    part.addEventListener("drop", (event) => {
      event.preventDefault();
      const parts = [...list.children];
      const steps = parts.indexOf(part) - parts.indexOf(pulled);
      if (pulled && steps) {
        const button = Object.assign(document.createElement("button"), { name: "arrange", value: `by${steps} ${pulled.dataset.part}`, hidden: true });
        button.formAction = list.dataset.pull;
        const form = list.closest("form") ?? pulled.querySelector("form");
        form.append(button);
        form.requestSubmit(button);
      }
      pulled = null;
    });
  }
}

// A part of another page that takes a while: the links of a letter are tried while one reads on.
for (const place of document.querySelectorAll("[data-load]")) {
  fetch(place.dataset.load).then(async (answer) => {
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = page.querySelector(place.dataset.part);
    if (part) place.replaceChildren(...part.childNodes);
  }).catch(() => null);
}

// A recording that is played here: our own controls for sound, a little back, a little on, how fast.
const clock = (seconds) => {
  const [h, m, s] = [seconds / 3600, seconds / 60 % 60, seconds % 60].map(Math.floor);
  return `${h ? `${h}:${String(m).padStart(2, "0")}` : m}:${String(s).padStart(2, "0")}`;
};
for (const player of document.querySelectorAll("[data-player]")) {
  const sound = player.querySelector("audio, video");
  const more = player.querySelector("[data-player-more]");
  if (!sound || !more) continue;
  more.hidden = false;
  const skip = (by) => { sound.currentTime = Math.max(0, sound.currentTime + by); };
  for (const button of more.querySelectorAll("[data-skip]")) {
    button.addEventListener("click", () => skip(Number(button.dataset.skip)));
  }
  more.querySelector("[data-speed]").addEventListener("change", (event) => {
    sound.playbackRate = Number(event.target.value);
  });
  for (const place of document.querySelectorAll("[data-at]")) {
    place.addEventListener("click", () => {
      sound.currentTime = Number(place.dataset.at);
      sound.play();
    });
  }
  const toggle = more.querySelector("[data-toggle]");
  if (!toggle) continue;
  const seek = more.querySelector("[data-seek]");
  const shown = more.querySelector("[data-clock]");
  const turn = () => (sound.paused ? sound.play().catch(() => null) : sound.pause());
  const look = () => {
    const whole = Number.isFinite(sound.duration) ? sound.duration : Number(seek.max);
    if (whole) seek.max = Math.round(whole);
    seek.value = sound.currentTime;
    shown.textContent = `${clock(sound.currentTime)}${whole ? ` / ${clock(whole)}` : ""}`;
    seek.setAttribute("aria-valuetext", shown.textContent);
    toggle.setAttribute("aria-label", sound.paused ? toggle.dataset.play : toggle.dataset.pause);
    toggle.classList.toggle("pausing", !sound.paused);
  };
  sound.controls = false;
  toggle.addEventListener("click", turn);
  seek.addEventListener("input", () => { sound.currentTime = Number(seek.value); });
  for (const event of ["timeupdate", "play", "pause", "ended", "loadedmetadata"]) sound.addEventListener(event, look);
  player.addEventListener("keydown", (event) => {
    const does = { k: turn, j: () => skip(-15), l: () => skip(30) }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    event.preventDefault();
    does();
  });
}

// Many files go one by one, each with its progress; what cannot be kept says why, and the others go on.
for (const form of document.querySelectorAll("[data-upload]")) {
  const list = form.querySelector("[data-uploads]");
  const input = form.querySelector("input[type=file]");
  const button = form.querySelector("button:not([type])");
  const say = (line, words) => { line.querySelector("span").textContent = words; };
  const one = (file, line) => new Promise((done) => {
    const sent = new FormData(form);
    sent.delete(input.name);
    sent.append(input.name, file);
    sent.append("script", "1");
    const bar = line.querySelector("progress");
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      bar.max = event.total;
      bar.value = event.loaded;
      if (event.loaded === event.total) say(line, form.dataset.going);
    });
    request.addEventListener("loadend", () => {
      let answer = {};
      try { answer = JSON.parse(request.responseText); } catch { /* a page, or nothing */ }
      const isThere = request.status === 200 && answer.address;
      bar.remove();
      line.classList.add(isThere ? "there" : "wrong");
      say(line, isThere ? [form.dataset.there, answer.said].filter(Boolean).join(" · ") : answer.said || form.dataset.failed);
      if (isThere) {
        const link = Object.assign(document.createElement("a"), { href: answer.address, textContent: answer.title });
        line.querySelector("b").replaceChildren(link);
      }
      done(isThere);
    });
    request.open("POST", form.action);
    request.send(sent);
  });
  form.addEventListener("submit", async (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    button.disabled = true;
    const lines = [...input.files].map((file) => {
      const line = document.createElement("li");
      line.append(Object.assign(document.createElement("b"), { textContent: file.name }), " ",
        Object.assign(document.createElement("span"), { textContent: form.dataset.waits }),
        Object.assign(document.createElement("progress"), { max: 1, value: 0 }));
      line.querySelector("progress").setAttribute("aria-label", file.name);
      list.append(line);
      return [file, line];
    });
    input.value = "";
    const words = button.textContent;
    let count = 0;
    for (const [number, [file, line]] of lines.entries()) {
      button.textContent = `${number + 1} / ${lines.length}`;
      line.scrollIntoView({ block: "nearest" });
      count += await one(file, line) ? 1 : 0;
    }
    button.textContent = words;
    button.disabled = false;
    if (!count) return;
    const more = document.createElement("li");
    more.append(Object.assign(document.createElement("a"), { href: form.dataset.shelf, textContent: form.dataset.look }));
    list.append(more);
    more.scrollIntoView({ block: "nearest" });
  });
}

// A long form shows one part after the other; what was begun before, or is wrong, is shown whole.
for (const form of document.querySelectorAll("[data-steps]:not([data-all])")) {
  const steps = [...form.querySelectorAll("[data-step]")];
  const rest = [...steps.slice(1), ...form.querySelectorAll("[data-last]")];
  const isEmpty = [...steps[0].querySelectorAll("input, textarea")].every((field) => !field.value.trim());
  if (!isEmpty) continue;
  for (const part of rest) part.hidden = true;
  const on = Object.assign(document.createElement("button"), { type: "button", textContent: form.dataset.steps });
  steps[0].append(on);
  on.addEventListener("click", () => {
    for (const part of rest) part.hidden = false;
    on.remove();
    steps[1].querySelector("input:not([tabindex]), select")?.focus();
  });
}

// Of several fields only those are shown that the chosen act needs.
for (const chosen of document.querySelectorAll(".acts select[name=act]")) {
  const fit = () => {
    for (const field of chosen.form.querySelectorAll("[data-for]")) {
      field.closest(".field").hidden = field.dataset.for !== chosen.value;
    }
  };
  chosen.addEventListener("change", fit);
  fit();
}

// A link to something that is folded away unfolds it, and goes to its first field; to a line, there.
const unfold = () => {
  const target = document.getElementById(location.hash.slice(1));
  const folded = target?.closest("details");
  if (!folded) return;
  folded.open = true;
  target.scrollIntoView();
  if (target.matches("p")) return;
  folded.querySelector("input:not([type=hidden]), select, textarea, button")?.focus({ preventScroll: true });
};
addEventListener("hashchange", unfold);
unfold();
