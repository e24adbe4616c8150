// One phone: a chat with the bot, and what its owner can do.

import { button, element } from "./dom.js";
import { messageElement } from "./message.js";
import { act, upload } from "./server.js";
import { say } from "./words.js";

const TYPING_SECONDS = 5;
const TOAST_SECONDS = 6;
const INLINE_PAUSE_MILLISECONDS = 300;
const LARGEST_FILE = 50 * 1024 * 1024;

/** A paper clip, drawn: not every machine has a font with one. */
function clip() {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", "M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.5 3.5 0 0 1 5 5l-8.5 8.5a2 2 0 0 1-3-3L14 7");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2");
  drawing.append(path);
  return drawing;
}

export class Phone {
  /** @param world what all phones share: bot, zone. */
  constructor(person, world) {
    this.person = person;
    this.world = world;
    this.messages = new Map();
    this.editing = null;
    this.inlineQuery = null;
    this.root = element("section", { class: "phone", id: `phone-${person.id}`, "data-person": person.id });
    this.build();
    // Whoever reads the newest message goes on doing so when the phone gets another size.
    new ResizeObserver(() => { if (this.atEnd) { this.toEnd(); } }).observe(this.root);
  }

  /** Everything but the messages is made anew: words, name, commands. */
  build() {
    const old = this.input?.value ?? "";
    this.log = element("ol", { class: "log", role: "log", "aria-live": "polite", tabindex: "0",
      onscroll: () => { this.atEnd = this.distanceToEnd() < 40; } });
    this.atEnd = true;
    this.typing = element("p", { class: "typing", role: "status" });
    this.toast = element("p", { class: "toast", role: "alert", hidden: true });
    this.list = element("ul", { class: "suggestions", role: "listbox", hidden: true, id: `list-${this.person.id}` });
    this.tries = element("div", { class: "tries" });
    this.replyKeyboard = element("div", { class: "reply-keyboard", role: "group" });
    this.buildComposer(old);
    this.heading = element("header");
    this.root.replaceChildren(this.heading, this.log, this.typing, this.toast, this.tries, this.list,
      this.editingNote, this.composer, this.replyKeyboard);
    this.root.ondragover = (event) => { event.preventDefault(); this.root.classList.add("dropping"); };
    this.root.ondragleave = () => this.root.classList.remove("dropping");
    this.root.ondrop = (event) => this.onDrop(event);
    this.update(this.person);
    this.drawAll();
  }

  buildComposer(text) {
    this.input = element("textarea", {
      rows: "1", "aria-label": say("sandbox.message_to_bot"), placeholder: say("sandbox.message_placeholder"),
      autocomplete: "off", role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id,
      oninput: () => this.onInput(), onkeydown: (event) => this.onKey(event),
      onpaste: (event) => this.onPaste(event),
    });
    this.input.value = text;
    this.file = element("input", { type: "file", class: "hidden", tabindex: "-1", "aria-hidden": "true",
      onchange: () => { this.sendFiles(this.file.files); this.file.value = ""; } });
    this.editingNote = element("p", { class: "editing", hidden: true });
    this.composer = element("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.send(); } },
      button("/", () => this.toggleCommands(), { label: say("sandbox.commands"), class: "commands" }),
      button(clip(), () => this.file.click(), { label: say("sandbox.attach") }),
      this.file, this.input,
      element("button", { type: "submit", "aria-label": say("sandbox.send"), title: say("sandbox.send") }, "➤"));
  }

  /** The person is as told: name, language, blocked, commands, keyboard. */
  update(person) {
    this.person = person;
    const role = say(`sandbox.role.${person.role}`);
    this.root.setAttribute("aria-label", say("sandbox.phone_of", { name: person.name, role }));
    this.root.classList.toggle("blocked", person.blocked);
    this.heading.replaceChildren(
      element("span", { class: "avatar", "aria-hidden": "true" }, [...person.name][0]),
      element("h2", {}, person.name, element("small", {}, `${role} · ${person.language_code}`)),
      button(say(person.blocked ? "sandbox.unblock" : "sandbox.block"),
        () => this.attempt(() => act("block", { person: person.id, blocked: !person.blocked })),
        { class: "block", "aria-pressed": String(person.blocked) }),
    );
    this.drawReplyKeyboard();
    this.drawTries();
    this.drawWelcome();
  }

  drawAll() {
    this.log.replaceChildren(...[...this.messages.values()].map((message) => messageElement(message, this.context())));
    this.drawWelcome();
    this.toEnd();
  }

  drawWelcome() {
    this.root.querySelector(".welcome")?.remove();
    if (this.messages.size) {
      return;
    }
    this.log.append(element("li", { class: "welcome" },
      element("p", {}, this.person.description || say("sandbox.no_messages")),
      button(say("sandbox.start"), () => this.say("/start"), { class: "primary" })));
  }

  drawTries() {
    const code = this.person.language_code.startsWith("zh") ? "zh" : "en";
    const lines = say(`sandbox.try.${this.person.role}`, {}, code).split("\n");
    this.tries.replaceChildren(...lines.map((line) => button(line, () => this.say(line))));
    this.tries.setAttribute("aria-label", say("sandbox.try"));
    this.tries.setAttribute("role", "group");
  }

  drawReplyKeyboard() {
    const keyboard = this.person.reply_keyboard;
    const rows = keyboard?.keyboard ?? [];
    this.replyKeyboard.replaceChildren(...rows.map((row) => element("div", { class: "row" },
      ...row.map((one) => button(one.text, () => {
        this.say(one.text);
        if (keyboard.one_time_keyboard) {
          this.person.reply_keyboard = null;
          this.drawReplyKeyboard();
        }
      })))));
    this.replyKeyboard.setAttribute("aria-label", say("sandbox.reply_keyboard"));
    this.replyKeyboard.hidden = !rows.length;
    this.input.placeholder = keyboard?.input_field_placeholder ?? say("sandbox.message_placeholder");
  }

  context() {
    return {
      person: this.person.id,
      bot: this.world.bot.username,
      zone: this.world.zone,
      tap: (message, one, target) => this.tap(message, one, target),
      follow: (text) => this.say(text),
      edit: (message) => this.startEditing(message),
      remove: (message) => this.attempt(() => act("delete", { person: this.person.id, message_id: message.message_id })),
    };
  }

  /** A message is new, or has new content. */
  show(message) {
    const known = this.messages.has(message.message_id);
    const low = this.distanceToEnd() < 120;
    const drawn = messageElement(message, this.context());
    if (known) {
      this.log.querySelector(`:scope > [data-message="${message.message_id}"]`)?.replaceWith(drawn);
    } else {
      this.root.querySelector(".welcome")?.remove();
      this.log.append(drawn);
    }
    this.messages.set(message.message_id, message);
    if (message.from.is_bot) {
      this.typing.textContent = "";
    }
    if (low || message.from.id === this.person.id) {
      this.toEnd();
    }
  }

  gone(number) {
    this.messages.delete(number);
    this.log.querySelector(`:scope > [data-message="${number}"]`)?.remove();
    this.drawWelcome();
  }

  distanceToEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.atEnd = true;
  }

  /** The bot shows that it is busy. */
  showAction(action) {
    const key = action === "typing" ? "sandbox.typing" : "sandbox.uploading";
    this.typing.textContent = say(key);
    clearTimeout(this.typingTimer);
    this.typingTimer = setTimeout(() => { this.typing.textContent = ""; }, TYPING_SECONDS * 1000);
  }

  /** The bot answered a press; the button stops waiting. */
  pressAnswered(event) {
    this.root.querySelector(`[data-press="${event.press}"]`)?.removeAttribute("aria-busy");
    if (event.text) {
      this.showToast(event.text);
    }
  }

  showToast(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => { this.toast.hidden = true; }, TOAST_SECONDS * 1000);
  }

  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      this.showToast(say("sandbox.failed", { reason: error.message }));
      return null;
    }
  }

  say(text) {
    this.closeList();
    return this.attempt(() => act("say", { person: this.person.id, text }));
  }

  async send() {
    const text = this.input.value.trim();
    if (!text) {
      return;
    }
    const edited = this.editing;
    this.input.value = "";
    this.stopEditing();
    const done = edited
      ? await this.attempt(() => act("edit", { person: this.person.id, message_id: edited, text }))
      : await this.say(text);
    if (done === null && !this.input.value) {
      this.input.value = text;
    }
  }

  startEditing(message) {
    this.editing = message.message_id;
    this.input.value = message.text;
    this.editingNote.replaceChildren(say("sandbox.editing"), " ",
      button(say("sandbox.cancel"), () => { this.input.value = ""; this.stopEditing(); }));
    this.editingNote.hidden = false;
    this.input.focus();
  }

  stopEditing() {
    this.editing = null;
    this.editingNote.hidden = true;
    this.closeList();
    this.resize();
  }

  resize() {
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, 140)}px`;
  }

  async tap(message, one, target) {
    if (one.callback_data === undefined) {
      return;
    }
    target.setAttribute("aria-busy", "true");
    const body = { person: this.person.id, message_id: message.message_id, data: one.callback_data };
    const press = await this.attempt(() => act("tap", body));
    if (press === null) {
      target.removeAttribute("aria-busy");
    } else {
      target.dataset.press = press;
      setTimeout(() => target.removeAttribute("aria-busy"), 15_000);
    }
  }

  onDrop(event) {
    event.preventDefault();
    this.root.classList.remove("dropping");
    this.sendFiles(event.dataTransfer.files);
  }

  onPaste(event) {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      this.sendFiles(event.clipboardData.files);
    }
  }

  async sendFiles(files) {
    for (const file of files) {
      if (file.size > LARGEST_FILE) {
        this.showToast(say("sandbox.file_too_large"));
        continue;
      }
      const caption = this.input.value.trim();
      this.input.value = "";
      await this.attempt(() => upload(this.person.id, file, caption));
    }
  }

  onInput() {
    this.resize();
    const text = this.input.value;
    const inline = text.match(new RegExp(`^@${this.world.bot.username}\\s(.*)$`, "s"));
    clearTimeout(this.inlineTimer);
    if (inline) {
      this.inlineTimer = setTimeout(() => this.askInline(inline[1].trim()), INLINE_PAUSE_MILLISECONDS);
    } else if (/^\/\w*$/.test(text)) {
      this.openCommands(text.slice(1));
    } else {
      this.closeList();
    }
  }

  async askInline(query) {
    this.inlineQuery = await this.attempt(() => act("inline", { person: this.person.id, query }));
  }

  /** The bot has results for what was typed after its name. */
  showInline(event) {
    if (event.query_id !== this.inlineQuery) {
      return;
    }
    this.openList(event.results.map((result) => ({
      words: result.title ?? result.id,
      more: result.description ?? "",
      choose: () => {
        this.input.value = "";
        this.closeList();
        this.attempt(() => act("choose", { person: this.person.id, query_id: event.query_id, result_id: result.id }));
      },
    })));
  }

  toggleCommands() {
    if (this.list.hidden) {
      this.openCommands("");
      this.input.focus();
    } else {
      this.closeList();
    }
  }

  openCommands(start) {
    this.openList(this.person.commands.filter((one) => one.command.startsWith(start.toLowerCase())).map((one) => ({
      words: `/${one.command}`,
      more: one.description,
      choose: () => { this.input.value = ""; this.resize(); this.say(`/${one.command}`); },
    })));
  }

  openList(items) {
    this.items = items;
    this.selected = -1;
    this.list.replaceChildren(...items.map((item, number) => element("li", {
      role: "option", id: `${this.list.id}-${number}`, "aria-selected": "false", onclick: () => item.choose(),
    }, element("b", {}, item.words), " ", element("span", {}, item.more))));
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(items.length > 0));
  }

  closeList() {
    this.items = [];
    this.selected = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  select(number) {
    const count = this.items.length;
    this.selected = (number + count) % count;
    [...this.list.children].forEach((item, index) => {
      item.setAttribute("aria-selected", String(index === this.selected));
    });
    const item = this.list.children[this.selected];
    this.input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  onKey(event) {
    const open = !this.list.hidden;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      this.select(event.key === "ArrowDown" ? this.selected + 1 : Math.max(this.selected, 0) - 1);
    } else if (open && event.key === "Escape") {
      this.closeList();
    } else if (event.key === "Escape" && this.editing) {
      this.input.value = "";
      this.stopEditing();
    } else if (event.key === "ArrowUp" && !this.input.value && !open) {
      const mine = [...this.messages.values()].filter((one) => one.from.id === this.person.id && one.text);
      if (mine.length) {
        event.preventDefault();
        this.startEditing(mine.at(-1));
      }
    } else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      if (open && this.selected >= 0) {
        this.items[this.selected].choose();
      } else {
        this.send();
      }
    }
  }
}
