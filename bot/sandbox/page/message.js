// One message as people see it: formatted text, picture or file, buttons.

import { button, element } from "./dom.js";
import { currentLanguage, say } from "./words.js";

const TAGS = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

/** Text with its entities as elements; ``link`` makes the element for what can be followed. */
export function formatted(text, entities, link) {
  const root = document.createDocumentFragment();
  const sorted = [...(entities ?? [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  fill(root, text, 0, text.length, sorted, link);
  return root;
}

function fill(parent, text, from, to, entities, link) {
  let position = from;
  while (entities.length && entities[0].offset < to) {
    const entity = entities.shift();
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < position) {
      continue;
    }
    parent.append(text.slice(position, entity.offset));
    const inner = elementFor(entity, text.slice(entity.offset, end), link);
    fill(inner, text, entity.offset, end, entities, link);
    parent.append(inner);
    position = end;
  }
  parent.append(text.slice(position, to));
}

function elementFor(entity, words, link) {
  if (entity.type in TAGS) {
    return element(TAGS[entity.type]);
  }
  if (entity.type === "spoiler") {
    return element("span", { class: "spoiler", tabindex: "0" });
  }
  return link(entity, words) ?? element("span", { class: "entity" });
}

/** The time of day of a message, in the zone that the bot works in. */
export function timeOfDay(seconds, zone, options = { hour: "2-digit", minute: "2-digit" }) {
  const locale = currentLanguage() === "zh" ? "zh-CN" : "en-GB";
  return new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(seconds * 1000);
}

/**
 * The message.
 *
 * @param context own: id of the person whose phone this is; zone; and what to do on: tap, follow, edit, remove.
 */
export function messageElement(message, context) {
  const mine = message.from.id === context.person;
  const link = (entity, words) => linkElement(entity, words, context);
  const bubble = element("div", { class: "bubble" },
    quoted(message),
    picture(message),
    attachment(message),
    place(message),
  );
  const text = message.text ?? message.caption;
  if (text) {
    bubble.append(element("div", { class: "text", lang: languageOf(text) },
      formatted(text, message.entities ?? message.caption_entities, link)));
  }
  bubble.append(foot(message, mine, context));
  const item = element("li", {
    class: `message ${mine ? "mine" : "theirs"}`,
    "data-message": message.message_id,
  }, bubble, inlineKeyboard(message, context));
  if (message.earlier?.length) {
    item.append(earlierVersions(message, context));
  }
  return item;
}

function languageOf(text) {
  return /[\u3400-\u9fff]/.test(text) ? "zh" : "en";
}

function quoted(message) {
  const reply = message.reply_to_message;
  return reply ? element("blockquote", { class: "quoted" }, (reply.text ?? reply.caption ?? "…").slice(0, 80)) : null;
}

function picture(message) {
  if (!message.photo) {
    return null;
  }
  const size = message.photo.at(-1);
  const address = `/sandbox/files/${size.file_id}`;
  return element("a", { href: address, target: "_blank", rel: "noopener" }, element("img", {
    src: address, width: size.width, height: size.height, alt: message.caption ?? say("sandbox.picture"),
  }));
}

function attachment(message) {
  const file = message.document;
  if (!file) {
    return null;
  }
  const size = `${Math.max(1, Math.round(file.file_size / 1024))} KB`;
  return element("a", { class: "file", href: `/sandbox/files/${file.file_id}`, download: file.file_name },
    file.file_name, element("small", {}, ` ${size}`));
}

function place(message) {
  const venue = message.venue;
  return venue ? element("p", { class: "place" }, element("b", {}, venue.title), element("br"), venue.address) : null;
}

function foot(message, mine, context) {
  const line = element("div", { class: "foot" });
  if (message.edit_date) {
    line.append(element("span", { class: "edited" }, say("sandbox.edited")), " ");
  }
  if (message.via_bot) {
    line.append(`@${message.via_bot.username} `);
  }
  line.append(element("time", {}, timeOfDay(message.date, context.zone)));
  if (mine && message.text) {
    line.append(button("✎", () => context.edit(message), { label: say("sandbox.edit_message"), class: "small" }));
  }
  line.append(button("✕", () => context.remove(message), { label: say("sandbox.delete_message"), class: "small" }));
  return line;
}

function inlineKeyboard(message, context) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) {
    return null;
  }
  return element("div", { class: "inline-keyboard", role: "group", "aria-label": say("sandbox.buttons") },
    ...rows.map((row) => element("div", { class: "row" }, ...row.map((one) => inlineButton(one, message, context)))));
}

function inlineButton(one, message, context) {
  if (one.url) {
    return linkElement({ type: "text_link", url: one.url }, one.text, context, one.text);
  }
  return button(one.text, (event) => context.tap(message, one, event.currentTarget), { "data-data": one.callback_data });
}

function earlierVersions(message, context) {
  // A phone that was offline still shows what stood there before, and its buttons can be tapped.
  const list = element("ul", {}, ...message.earlier.map((before) =>
    messageElement({ ...before, earlier: [] }, context)));
  return element("details", { class: "earlier" },
    element("summary", {}, say("sandbox.earlier", { count: message.earlier.length })), list);
}

function linkElement(entity, words, context, shown = null) {
  const content = shown === null ? [] : [shown];
  if (entity.type === "bot_command") {
    return element("button", { type: "button", class: "link", onclick: () => context.follow(words) }, ...content);
  }
  const address = { url: words.includes("://") ? words : `https://${words}`, text_link: entity.url, email: `mailto:${words}` }[entity.type];
  if (!address) {
    return null;
  }
  const start = address.match(/^https?:\/\/t\.me\/(\w+)\?start=([\w-]+)$/);
  if (start && start[1] === context.bot) {
    return element("button", { type: "button", class: "link", onclick: () => context.follow(`/start ${start[2]}`) }, ...content);
  }
  return /^(https?|mailto|tg|tel):/.test(address)
    ? element("a", { href: address, target: "_blank", rel: "noopener noreferrer" }, ...content)
    : null;
}
