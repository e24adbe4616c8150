// Making elements.

/** An element with attributes, event listeners (``onclick``) and children. */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) {
      made.addEventListener(name.slice(2), value);
    } else if (value === true) {
      made.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(name, value);
    }
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A button with words, or with a sign and a label for it. */
export function button(words, onclick, { label = null, ...attributes } = {}) {
  const made = element("button", { type: "button", onclick, ...attributes }, words);
  if (label) {
    made.setAttribute("aria-label", label);
    made.title = label;
  }
  return made;
}
