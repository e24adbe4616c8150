// The words of the page, from the same catalogues as the bot's own.

const catalogues = {};
let language = "zh";

export const LANGUAGES = ["zh", "en"];

/** Both catalogues are here, and the language that was last chosen, or the browser's, is set. */
export async function loadWords() {
  await Promise.all(LANGUAGES.map(async (code) => {
    catalogues[code] = await (await fetch(`/sandbox/texts/${code}`)).json();
  }));
  const browser = navigator.language.startsWith("zh") ? "zh" : "en";
  setLanguage(new URLSearchParams(location.search).get("lang") ?? localStorage.getItem("language") ?? browser);
}

export function currentLanguage() {
  return language;
}

export function setLanguage(code) {
  language = LANGUAGES.includes(code) ? code : "zh";
  localStorage.setItem("language", language);
  document.documentElement.lang = language;
  document.title = say("sandbox.title");
}

/** The sentence for a key, its parameters filled in, in the language of the page or in another. */
export function say(key, values = {}, code = language) {
  const text = catalogues[code][key];
  if (text === undefined) {
    throw new Error(`no words for ${key}`);
  }
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Elements that name a sentence have it, as text or as label. */
export function fillWords(root = document) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = say(element.dataset.text);
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(element.dataset.label));
    if (element.matches("button")) {
      element.title = say(element.dataset.label);
    }
  }
  for (const element of root.querySelectorAll("[data-placeholder]")) {
    element.placeholder = say(element.dataset.placeholder);
  }
}
