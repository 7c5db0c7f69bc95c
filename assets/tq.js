// SPDX-License-Identifier: Apache-2.0
// Conveniences. Every page works without this file; nothing here decides anything.
"use strict";

// A form that came back with faults: its list of faults comes first, also for the ear.
const faults = document.querySelector(".alert[role=alert][tabindex]");
if (faults) {
    faults.focus();
}

// A second click sends nothing twice. (The key in the form guards too; this saves the wait.)
document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") {
        return;
    }
    if (form.dataset.sent) {
        event.preventDefault();
        return;
    }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
});

// Back from the next page the form may be sent again.
window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
        delete form.dataset.sent;
        form.removeAttribute("aria-busy");
    }
});

// What was chosen: size and SHA-256, to be compared with what the server has stored.
function bytesText(n) {
    return n < 1024 ? `${n} B` : n < 1048576 ? `${(n / 1024).toFixed(1)} KB` : `${(n / 1048576).toFixed(1)} MB`;
}

async function describe(input, out) {
    const file = input.files[0];
    out.textContent = file ? `${file.name} · ${bytesText(file.size)}` : "";
    input.setCustomValidity("");
    const most = Number(input.dataset.max);
    if (file && most > 0 && file.size > most) {
        input.setCustomValidity(`${bytesText(file.size)} > ${bytesText(most)}`);
        input.reportValidity();
    } else if (file && window.crypto && crypto.subtle && file.size <= 67108864) {
        const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
        if (input.files[0] === file) {
            const hex = Array.from(hash, (b) => b.toString(16).padStart(2, "0")).join("");
            out.textContent += ` · SHA-256 ${hex}`;
        }
    }
}

for (const input of document.querySelectorAll("input[type=file]")) {
    const out = document.createElement("output");
    out.className = "hint hash";
    out.htmlFor = input.id;
    input.after(out);
    input.addEventListener("change", () => describe(input, out));
}

// An amount as it will be read: 30000 is 30,000.00. What is no amount is left to the server to name.
function amountText(text) {
    const plain = text.replaceAll(",", "");
    const parts = /^(\d{1,15})(?:\.(\d{1,2}))?$/.exec(plain);
    return parts ? `${parts[1].replace(/\B(?=(\d{3})+$)/g, ",")}.${(parts[2] || "").padEnd(2, "0")}` : "";
}

document.addEventListener("input", (event) => {
    const input = event.target;
    if (!input.matches || !input.matches("[data-amount]")) {
        return;
    }
    const box = input.parentElement;
    let said = box.nextElementSibling;
    if (!said || !said.matches(".said")) {
        said = document.createElement("output");
        said.className = "said";
        said.htmlFor = input.id;
        box.after(said);
    }
    said.textContent = amountText(input.value);
});

// To search in a choice and for more empty rows the form is asked for again; with a script only the part that
// the button stands in is changed, and files that were chosen stay.
async function partAgain(button) {
    const form = button.form;
    const id = button.closest("[data-part]").dataset.part;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
        if (typeof value === "string") {
            body.append(name, value);
        }
    }
    body.append(button.name, button.value);
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector(`[data-part="${CSS.escape(id)}"]`);
    const old = form.querySelector(`[data-part="${CSS.escape(id)}"]`);
    if (!answer.ok || !fresh) {
        form.submit();
        return;
    }
    old.replaceWith(document.adoptNode(fresh));
    const next = fresh.querySelector("select") || [...fresh.querySelectorAll("input")].pop();
    if (next) {
        next.focus();
    }
}

document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button[name=_find], button[name=_more]");
    if (button && window.fetch && window.DOMParser) {
        event.preventDefault();
        partAgain(button);
    }
});

// Enter in a search box searches; elsewhere it sends the form, whatever button comes first in it.
document.addEventListener("keydown", (event) => {
    const input = event.target;
    if (event.key !== "Enter" || input.tagName !== "INPUT" || !input.form) {
        return;
    }
    const find = input.type === "search" && input.parentElement.querySelector("button[name=_find]");
    const main = input.form.querySelector("[data-main]");
    if (find || main) {
        event.preventDefault();
        (find || main).click();
    }
});

// The slash key goes to the search, except where somebody is typing.
document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) {
        return;
    }
    const search = document.querySelector("[data-slash]") || document.querySelector("input[type=search]");
    if (search) {
        event.preventDefault();
        search.focus();
    }
});

// Sentences that a field may be filled with.
for (const box of document.querySelectorAll("[data-fills]")) {
    const input = document.getElementById(box.dataset.fills);
    box.hidden = false;
    box.addEventListener("click", (event) => {
        const button = event.target.closest("button");
        if (button && input) {
            input.value = button.textContent;
            input.focus();
        }
    });
}

// The work screen: single keys, which rest while somebody types and can be switched off.
function deskKeys(desk) {
    const off = desk.querySelector("[data-keys-off]");
    const view = desk.querySelector(".evv");
    const zoom = desk.querySelector("[data-zoom]");
    const enlarge = () => zoom.setAttribute("aria-pressed", String(view.classList.toggle("z")));
    const follow = (link) => link && location.assign(link.href);
    const unfold = (part) => {
        for (const other of desk.querySelectorAll("details[data-key]")) {
            other.open = other === part && !part.open;
        }
        const first = part.open ? part.querySelector("input:not([type=hidden]), select, textarea, button") : null;
        (first || part.querySelector("summary")).focus();
    };
    if (zoom && view) {
        zoom.hidden = false;
        zoom.addEventListener("click", enlarge);
    }
    if (off) {
        off.closest("label").hidden = false;
        off.checked = localStorage.getItem("tq_keys") === "off";
        off.addEventListener("change", () => localStorage.setItem("tq_keys", off.checked ? "off" : "on"));
    }
    const now = desk.querySelector(".ql [aria-current]");
    if (now) {
        now.scrollIntoView({ block: "nearest" });
    }
    document.addEventListener("keydown", (event) => {
        const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) && event.target.type !== "checkbox";
        if (event.key === "Escape") {
            for (const part of desk.querySelectorAll("details[data-key][open]")) {
                part.open = false;
                part.querySelector("summary").focus();
            }
            return;
        }
        if (typing || event.ctrlKey || event.metaKey || event.altKey || (off && off.checked)) {
            return;
        }
        const key = event.key.toLowerCase();
        const part = /^[a-z?]$/.test(key) ? desk.querySelector(`details[data-key="${key}"]`) : null;
        if (part) {
            event.preventDefault();
            unfold(part);
        } else if (key === "j") {
            follow(desk.querySelector("[data-next]"));
        } else if (key === "k") {
            follow(desk.querySelector("[data-before]"));
        } else if (key === "z" && zoom && view) {
            enlarge();
        } else if (/^[1-9]$/.test(key)) {
            follow(desk.querySelectorAll(".evt a")[Number(key) - 1]);
        }
    });
}

for (const desk of document.querySelectorAll("[data-desk]")) {
    deskKeys(desk);
}

// Large text without loading the page again, so that a half-filled form is not lost.
for (const link of document.querySelectorAll("[data-large]")) {
    link.addEventListener("click", (event) => {
        event.preventDefault();
        const on = document.documentElement.classList.toggle("tq-large");
        const secure = location.protocol === "https:" ? "; Secure" : "";
        document.cookie = `tq_large=${on ? 1 : 0}; Path=/; SameSite=Lax; Max-Age=31536000${secure}`;
        for (const all of document.querySelectorAll("[data-large]")) {
            all.setAttribute("aria-pressed", String(on));
        }
    });
    link.setAttribute("role", "button");
    link.setAttribute("aria-pressed", String(document.documentElement.classList.contains("tq-large")));
    link.addEventListener("keydown", (event) => {
        if (event.key === " ") {
            event.preventDefault();
            link.click();
        }
    });
}

// On paper nothing can be unfolded.
window.addEventListener("beforeprint", () => {
    for (const folded of document.querySelectorAll("main details:not([open])")) {
        folded.dataset.folded = "1";
        folded.open = true;
    }
});
window.addEventListener("afterprint", () => {
    for (const folded of document.querySelectorAll("details[data-folded]")) {
        delete folded.dataset.folded;
        folded.open = false;
    }
});

for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
}

// A job: <section data-events="/jobs/5/events"> with <progress>, a [role=status], and [data-field=NAME]
// for each figure to be shown. Announced at each quarter, so that the ear is not flooded.
function follow(job) {
    const bar = job.querySelector("progress");
    const status = job.querySelector("[role=status]");
    const source = new EventSource(job.dataset.events);
    let quarter = -1;
    const show = (data) => {
        for (const [name, value] of Object.entries(data)) {
            const place = job.querySelector(`[data-field="${name}"]`);
            if (place) {
                place.textContent = String(value);
            }
        }
        if (bar && data.total > 0) {
            bar.max = data.total;
            bar.value = data.done;
            const now = Math.floor((4 * data.done) / data.total);
            if (status && now > quarter) {
                quarter = now;
                status.textContent = `${now * 25} %`;
            }
        }
    };
    source.addEventListener("progress", (event) => show(JSON.parse(event.data)));
    const ended = (event) => {
        source.close();
        const data = JSON.parse(event.data || "{}");
        // The page of the finished job says what came of it, and why where it failed.
        location.assign(typeof data.url === "string" && data.url.startsWith("/") && !data.url.startsWith("//")
            ? data.url : location.pathname);
    };
    source.addEventListener("done", ended);
    source.addEventListener("failed", ended);
}

for (const job of document.querySelectorAll("[data-events]")) {
    if (window.EventSource) {
        follow(job);
    }
}
