// The page: phones side by side or one at a time, the clock, and the panel.

import { button, element } from "./dom.js";
import { timeOfDay } from "./message.js";
import { Panel } from "./panel.js";
import { Phone } from "./phone.js";
import { act, listen } from "./server.js";
import { currentLanguage, fillWords, loadWords, say, setLanguage } from "./words.js";

const byId = (id) => document.getElementById(id);
const phones = new Map();
const world = { bot: null, zone: "Asia/Shanghai", faults: [], limits: false, twice: false, clock: null };
const panel = new Panel(byId("panel"), world);
let shown = null;
let alone = matchMedia("(max-width: 760px)").matches;

function begin(state) {
  Object.assign(world, { bot: state.bot, zone: state.zone, faults: state.faults, limits: state.limits, twice: state.twice });
  setClock(state.clock);
  for (const id of [...phones.keys()]) {
    phones.get(id).root.remove();
    phones.delete(id);
  }
  panel.requests = state.requests.reverse();
  panel.build();
  for (const person of state.people) {
    addPhone(person);
    const phone = phones.get(person.id);
    for (const message of state.messages[person.id] ?? []) {
      phone.messages.set(message.message_id, message);
    }
    phone.drawAll();
  }
  drawTabs();
}

function addPhone(person) {
  const phone = new Phone(person, world);
  phones.set(person.id, phone);
  byId("phones").append(phone.root);
  shown ??= person.id;
}

function drawTabs() {
  if (!phones.has(shown)) {
    shown = phones.keys().next().value ?? null;
  }
  const tabs = byId("tabs");
  tabs.hidden = !alone;
  tabs.replaceChildren(...[...phones.values()].map(({ person }) => button(person.name, () => showOnly(person.id), {
    role: "tab", "aria-selected": String(person.id === shown), "aria-controls": `phone-${person.id}`,
    tabindex: person.id === shown ? "0" : "-1", "data-tab": person.id,
  })));
  tabs.onkeydown = (event) => {
    const ids = [...phones.keys()];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      showOnly(ids[(ids.indexOf(shown) + step + ids.length) % ids.length]);
      tabs.querySelector("[aria-selected=true]").focus();
    }
  };
  document.body.classList.toggle("alone", alone);
  byId("all-phones").setAttribute("aria-pressed", String(!alone));
  for (const phone of phones.values()) {
    phone.root.hidden = alone && phone.person.id !== shown;
  }
}

function showOnly(id) {
  shown = id;
  alone = true;
  drawTabs();
  const phone = phones.get(id);
  phone.toEnd();
  document.querySelector(`[data-tab="${id}"]`)?.classList.remove("unread");
}

function setClock(clock) {
  world.clock = { server: clock.now, here: Date.now() / 1000, ahead: clock.ahead };
  drawClock();
}

function drawClock() {
  if (world.clock) {
    const now = world.clock.server + Date.now() / 1000 - world.clock.here;
    byId("clock").textContent = timeOfDay(now, world.zone, { dateStyle: "medium", timeStyle: "short" });
    byId("clock").classList.toggle("moved", Math.abs(world.clock.ahead) > 1);
  }
}

const REACTIONS = {
  hello: ({ state }) => begin(state),
  message: ({ message, chat_id }) => {
    phones.get(chat_id)?.show(message);
    if (alone && chat_id !== shown) {
      document.querySelector(`[data-tab="${chat_id}"]`)?.classList.add("unread");
    }
  },
  edited: ({ message, chat_id, earlier }) => phones.get(chat_id)?.show({ ...message, earlier }),
  deleted: ({ chat_id, message_id }) => phones.get(chat_id)?.gone(message_id),
  action: ({ chat_id, action }) => phones.get(chat_id)?.showAction(action),
  reply_keyboard: ({ chat_id, keyboard }) => {
    const phone = phones.get(chat_id);
    phone?.update({ ...phone.person, reply_keyboard: keyboard });
  },
  press_answered: (event) => phones.get(event.chat_id)?.pressAnswered(event),
  inline_results: (event) => phones.get(event.chat_id)?.showInline(event),
  person: ({ person }) => {
    if (phones.has(person.id)) {
      phones.get(person.id).update(person);
    } else {
      addPhone(person);
      drawTabs();
    }
  },
  people: ({ people }) => people.forEach((person) => phones.get(person.id)?.update(person)),
  faults: ({ faults }) => panel.showFaults(faults),
  clock: (clock) => setClock(clock),
  request: ({ request }) => panel.add(request),
};

function drawWords() {
  fillWords();
  byId("language").textContent = currentLanguage() === "zh" ? "English" : "中文";
  byId("language").lang = currentLanguage() === "zh" ? "en" : "zh";
  panel.build();
  for (const phone of phones.values()) {
    phone.build();
  }
  drawClock();
}

function openWorkerDialog() {
  const dialog = byId("worker-dialog");
  const name = element("input", { required: true, maxlength: "32", name: "name" });
  const language = element("select", { name: "language" },
    element("option", { value: "zh-hans" }, "简体中文"),
    element("option", { value: "zh-hant" }, "繁體中文"),
    element("option", { value: "en" }, "English"));
  const region = element("input", { maxlength: "32", name: "region", placeholder: say("sandbox.region_example") });
  const number = [...phones.values()].filter(({ person }) => person.role === "worker").length + 1;
  name.value = say("sandbox.new_worker", { number });
  const form = element("form", { method: "dialog", onsubmit: () => addWorker(name.value, language.value, region.value.trim()) },
    element("h2", {}, say("sandbox.add_worker")),
    element("label", {}, say("sandbox.name"), name),
    element("label", {}, say("sandbox.language"), language),
    element("label", {}, say("sandbox.region"), region),
    element("p", { class: "controls" },
      element("button", { type: "submit", class: "primary" }, say("sandbox.add")),
      button(say("sandbox.cancel"), () => dialog.close())));
  dialog.replaceChildren(form);
  dialog.showModal();
  name.select();
}

async function addWorker(name, languageCode, region) {
  const person = await act("person", { name, language_code: languageCode });
  await act("say", { person: person.id, text: "/start" });
  if (region) {
    // As a worker would: the region is told to the bot, not set behind its back.
    await act("say", { person: person.id, text: `/region ${region}` });
  }
  shown = person.id;
  drawTabs();
}

async function open() {
  await loadWords();
  byId("language").onclick = () => {
    setLanguage(currentLanguage() === "zh" ? "en" : "zh");
    drawWords();
    drawTabs();
  };
  byId("all-phones").onclick = () => { alone = !alone; drawTabs(); };
  byId("add-worker").onclick = openWorkerDialog;
  byId("show-panel").onclick = () => {
    const aside = byId("panel");
    aside.hidden = !aside.hidden;
    byId("show-panel").setAttribute("aria-pressed", String(!aside.hidden));
  };
  matchMedia("(max-width: 760px)").onchange = (event) => { alone = event.matches; drawTabs(); };
  drawWords();
  setInterval(drawClock, 1000);
  listen((event) => REACTIONS[event.type]?.(event), (connected) => { byId("connection").hidden = connected; });
}

open();
