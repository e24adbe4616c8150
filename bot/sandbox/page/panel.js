// The panel: each request and answer, the clock, and what goes wrong on purpose.

import { button, element } from "./dom.js";
import { timeOfDay } from "./message.js";
import { act } from "./server.js";
import { say } from "./words.js";

const MOST_REQUESTS = 200;
const HOUR = 3600;
const FAULTS = [
  ["sandbox.fault.500", { code: 500, description: "Internal Server Error" }],
  ["sandbox.fault.429", { code: 429, description: "Too Many Requests: retry after 3", retry_after: 3 }],
  ["sandbox.fault.403", { code: 403, description: "Forbidden: bot was blocked by the user" }],
  ["sandbox.fault.lost", { code: 0, after: true }],
];

export class Panel {
  constructor(root, world) {
    this.root = root;
    this.world = world;
    this.requests = [];
  }

  /** The panel is made anew, in the language of the page. */
  build() {
    this.note = element("p", { role: "status", class: "note" });
    this.list = element("ol", { class: "requests", "aria-label": say("sandbox.requests"), tabindex: "0" });
    this.faults = element("p", { class: "note" });
    this.root.replaceChildren(
      element("h2", {}, say("sandbox.clock")), this.clockControls(),
      element("h2", {}, say("sandbox.trouble")), this.troubleControls(), this.faults,
      this.note,
      element("h2", {}, say("sandbox.requests")),
      element("p", { class: "hint" }, say("sandbox.requests_hint")),
      this.list,
    );
    this.list.append(...this.requests.map((request) => this.line(request)));
    this.showFaults(this.world.faults);
  }

  clockControls() {
    const when = element("input", { type: "datetime-local", "aria-label": say("sandbox.clock_set") });
    const set = (body) => this.attempt(() => act("clock", body));
    return element("div", { class: "controls" },
      button(say("sandbox.clock_hour"), () => set({ forward: HOUR })),
      button(say("sandbox.clock_day"), () => set({ forward: 24 * HOUR })),
      button(say("sandbox.clock_month"), () => set({ forward: 30 * 24 * HOUR })),
      button(say("sandbox.clock_reset"), () => set({ reset: true })),
      element("form", { onsubmit: (event) => { event.preventDefault(); if (when.value) { set({ local: when.value }); } } },
        when, element("button", { type: "submit" }, say("sandbox.clock_set"))));
  }

  troubleControls() {
    const method = element("select", { "aria-label": say("sandbox.fault_method") },
      ...["*", "sendMessage", "editMessageText", "answerCallbackQuery", "getUpdates"].map((name) =>
        element("option", { value: name }, name === "*" ? say("sandbox.fault_all") : name)));
    const kind = element("select", { "aria-label": say("sandbox.fault_kind") },
      ...FAULTS.map(([key], number) => element("option", { value: number }, say(key))));
    const times = element("input", { type: "number", min: "1", max: "1000", value: "1", "aria-label": say("sandbox.fault_times") });
    const add = (event) => {
      event.preventDefault();
      const fault = { ...FAULTS[kind.value][1], method: method.value, times: Number(times.value) || 1 };
      this.attempt(() => act("fault", fault));
    };
    return element("div", { class: "controls" },
      element("form", { onsubmit: add }, method, kind, times,
        element("button", { type: "submit" }, say("sandbox.fault_add"))),
      button(say("sandbox.fault_none"), () => this.attempt(() => act("fault", { none: true }))),
      this.toggle("sandbox.limits", "limits", this.world.limits),
      this.toggle("sandbox.twice", "twice", this.world.twice));
  }

  toggle(key, name, on) {
    const box = element("input", { type: "checkbox",
      onchange: () => { this.world[name] = box.checked; this.attempt(() => act(name, { on: box.checked })); } });
    box.checked = on;
    return element("label", {}, box, " ", say(key));
  }

  async attempt(work) {
    try {
      await work();
      this.note.textContent = "";
    } catch (error) {
      this.note.textContent = say("sandbox.failed", { reason: error.message });
    }
  }

  showFaults(faults) {
    this.world.faults = faults;
    this.faults.textContent = faults.map((one) =>
      `${one.method} → ${one.code || "×"} (${one.times})`).join(", ");
  }

  /** A request of the bot is told, newest first. */
  add(request) {
    this.requests.unshift(request);
    this.requests.length = Math.min(this.requests.length, MOST_REQUESTS);
    this.list.prepend(this.line(request));
    while (this.list.children.length > MOST_REQUESTS) {
      this.list.lastElementChild.remove();
    }
  }

  line(request) {
    const fine = request.answer.ok;
    const chat = request.parameters.chat_id;
    const details = element("details", { class: fine ? "fine" : "refused" },
      element("summary", {},
        element("time", {}, timeOfDay(request.at, this.world.zone, { timeStyle: "medium" })), " ",
        element("b", {}, request.method), chat ? ` → ${chat}` : "",
        element("span", { class: "outcome" }, fine ? "✓" : `✗ ${request.answer.error_code}`)));
    details.addEventListener("toggle", () => {
      if (details.open && details.children.length === 1) {
        details.append(
          element("pre", {}, JSON.stringify(request.parameters, null, 1)),
          element("pre", {}, JSON.stringify(fine ? request.answer.result : request.answer, null, 1)));
      }
    });
    return element("li", {}, details);
  }
}
