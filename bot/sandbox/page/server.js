// The way to the sandbox server: what people do, and what happens.

/** Asks the server to do something; its result, or an Error with its description. */
export async function act(name, body) {
  const response = await fetch(`/sandbox/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return resultOf(response);
}

/** Sends a file as somebody's message. */
export async function upload(person, file, caption) {
  const form = new FormData();
  form.append("person", person);
  form.append("caption", caption);
  form.append("file", file, file.name);
  return resultOf(await fetch("/sandbox/file", { method: "POST", body: form }));
}

async function resultOf(response) {
  const answer = await response.json();
  if (!answer.ok) {
    throw new Error(answer.description);
  }
  return answer.result;
}

/** Calls ``onEvent`` with each event, and ``onConnected`` with whether they arrive. */
export function listen(onEvent, onConnected) {
  const source = new EventSource("/sandbox/events");
  source.onmessage = (message) => {
    onConnected(true);
    onEvent(JSON.parse(message.data));
  };
  source.onerror = () => {
    onConnected(false);
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => listen(onEvent, onConnected), 1000);
    }
  };
}
