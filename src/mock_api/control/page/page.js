// Shows what the mock API holds and keeps it up to date. Text becomes text nodes, never markup.

const byId = (id) => document.getElementById(id);
let state = null;
const editing = new Set(); // the IDs of webhooks that are edited
const problems = new Map(); // by the ID of a webhook, why its last action failed
const busy = new WeakSet(); // what has an action under way

// ---- Elements ----

// An element such as `p.dim`, with children and objects of attributes; null is nothing.
function h(tag, ...parts) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  made.classList.add(...classes);
  for (const part of parts.flat().filter((part) => part != null)) {
    if (typeof part === "string" || part instanceof Node) {
      made.append(part);
    } else {
      Object.entries(part).forEach(([name, value]) => made.setAttribute(name, value));
    }
  }
  showValue(made);
  return made;
}

// What a field shows that belongs to the state.
function showValue(node) {
  if (node.dataset.value !== undefined && node !== document.activeElement) {
    node.value = node.dataset.value;
  }
}

// Makes the children of `old` like `made`. What stays keeps focus, open details and typed text; in
// a list that grows or shrinks, `data-key` tells which element stays.
function update(old, made) {
  const keys = new Set(made.map((node) => node.dataset?.key));
  [...old.children].filter((node) => !keys.has(node.dataset.key)).forEach((node) => node.remove());
  const keyed = new Map([...old.children].map((node) => [node.dataset.key, node]));
  made.forEach((next, index) => {
    const [at, key] = [old.childNodes[index], next.dataset?.key];
    const node = key === undefined ? at : keyed.get(key);
    if (node?.nodeName !== next.nodeName || node.dataset?.key !== key) {
      old.insertBefore(next, at ?? null);
      return;
    }
    if (node !== at) {
      old.insertBefore(node, at);
    }
    if (next.nodeType === Node.TEXT_NODE) {
      setText(node, next.data);
      return;
    }
    const gone = node.getAttributeNames().filter((name) => name !== "open" && !next.hasAttribute(name));
    gone.forEach((name) => node.removeAttribute(name));
    next.getAttributeNames().forEach((name) => node.setAttribute(name, next.getAttribute(name)));
    update(node, [...next.childNodes]);
    showValue(node);
  });
  [...old.childNodes].slice(made.length).forEach((node) => node.remove());
}

function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

const button = (action, text) => h("button.quiet", { type: "button", "data-action": action }, text);
const badge = (kind, text) => h(`span.badge.${kind}`, text);
const code = (text) => h("p", h("code", text));
const text = (label, text) => h("pre", { tabindex: "0", "aria-label": label }, text);
const labeled = (label, field) => h("div", h("label", { for: field.id }, label), field);
const time = (rfc3339) => new Date(rfc3339).toLocaleTimeString([], { hourCycle: "h23" });

// ---- Webhooks ----

function viewApp({ account_id, app_id, name, webhooks }) {
  const title = name ?? "App without a name";
  return h(
    "section.app",
    { "aria-label": `App ${title}`, "data-key": `${account_id}/${app_id}` },
    h("header", h("h3", title), code(app_id)),
    h("div.cards", webhooks.map(viewWebhook)),
    webhooks.length > 0 ? null : h("p.empty", "This app has no webhook."),
  );
}

function viewWebhook(webhook) {
  const { id, name, url, enabled } = webhook;
  const events = [...new Set(webhook.events)];
  const shown = enabled ? badge("good", "enabled") : badge("off", "disabled");
  const toggle = button("toggle", enabled ? "Disable" : "Enable");
  const delivery = state.deliveries.findLast((delivery) => delivery.webhook_id === id);
  return h(
    "article.card",
    { "data-key": id },
    h("div.card-head", h("h4", name || "(no name)"), shown),
    code(url),
    h("ul.chips", { "aria-label": "Events" }, events.map((event) => h("li", event))),
    viewSample(id, enabled, events),
    h("div.result", { role: "status" }, delivery ? viewDelivery(delivery) : null),
    h("div.actions", button("edit", "Edit"), toggle, button("remove", "Delete")),
    editing.has(id) ? viewEditor(webhook) : null,
    h("p.error", { role: "alert" }, problems.get(id) ?? ""),
  );
}

function viewSample(id, enabled, events) {
  if (!enabled || events.length === 0) {
    const why = enabled ? ": the webhook has no events." : " while the webhook is disabled.";
    return h("p.dim", `Nothing is delivered${why}`);
  }
  const options = events.map((event) => h("option", { "data-key": event }, event));
  const list = h("select", { id: `event-${id}`, name: "event" }, options);
  return h("form.fields", { "data-action": "sample" }, labeled("Event", list), h("button", "Send sample"));
}

// Edits a webhook outside of the API, which the next plan shows as drift.
function viewEditor({ id, name, url, events }) {
  const field = (label, name, value) => labeled(label, h("input", { id: `${name}-${id}`, name, value }));
  return h(
    "form.fields",
    { "data-action": "save" },
    field("Name", "name", name),
    field("URL", "url", url),
    field("Events, separated by commas", "events", events.join(", ")),
    h("button", "Save"),
  );
}

function viewDelivery({ status, delivered, event, milliseconds, sent_at, error, body }) {
  const answer = badge(delivered ? "good" : "bad", String(status ?? "no answer"));
  const when = h("span.dim", `${milliseconds} ms, ${time(sent_at)}`);
  return [
    h("p.line", answer, h("span", event), when),
    error ? h("p.error", error) : null,
    body ? text("Body of the answer", body) : null,
  ];
}

// ---- Requests, faults and behavior ----

function viewRequest({ number, method, path, query, user_agent, body, fault, status, arrived_at }) {
  // Without account and app, which the details show.
  const short = path.replace(/^\/client\/v4\/accounts\/[^/]+\/realtime\/kit\/(?:(apps$)|[^/]+\/)/, "…/$1");
  const kind = status === null || status >= 500 ? "bad" : status >= 400 ? "note" : "good";
  const details = h(
    "details",
    h("summary", h("b", method), ` ${short}`),
    code(path + (query ? `?${query}` : "")),
    user_agent ? h("p.dim", user_agent) : null,
    body ? text("Body of the request", body) : null,
  );
  const note = fault ? h("p.fault", `Fault: ${fault}`) : null;
  const answer = badge(kind, String(status ?? "no answer"));
  return h("tr", { "data-key": number }, h("td", time(arrived_at)), h("td", details, note), h("td", answer));
}

function viewQuirk({ name, value, about, takes, documented }) {
  const attributes = { "aria-label": name, "data-action": "quirk", "data-value": value };
  const choices = takes.split("|").map((choice) => h("option", choice));
  const field = choices.length > 1 ? h("select", attributes, choices) : h("input", attributes, { title: takes });
  return [h(documented ? "dt" : "dt.changed", `${name}: ${value}`), h("dd", about), h("dd", field)];
}

function render() {
  const words = byId("request-filter").value.toLowerCase();
  const calls = state.calls.toReversed().filter(({ method, path, status }) =>
    `${method} ${path} ${status ?? "no answer"}`.toLowerCase().includes(words));
  const changed = state.quirks.filter((quirk) => !quirk.documented).length;
  const texts = {
    "base-url": location.origin + state.base_path,
    version: state.version,
    "webhooks-count": String(state.apps.flatMap((app) => app.webhooks).length),
    "requests-count": String(calls.length || ""),
    "quirks-summary": changed ? `${changed} of ${state.quirks.length} not as documented` : "As documented",
  };
  Object.entries(texts).forEach(([id, text]) => setText(byId(id), text));
  const lists = {
    apps: state.apps.map(viewApp),
    requests: calls.map(viewRequest),
    faults: state.faults.map((fault) => h("li", fault)),
    quirks: state.quirks.flatMap(viewQuirk),
  };
  Object.entries(lists).forEach(([id, made]) => update(byId(id), made));
  for (const node of document.querySelectorAll("[data-if], [data-unless]")) {
    const { if: wanted, unless } = node.dataset;
    node.hidden = (lists[wanted ?? unless].length > 0) !== (wanted !== undefined);
  }
  if (document.activeElement !== byId("mode")) {
    byId("mode").value = state.mode ?? "";
  }
}

// ---- Actions: what has `data-action`, and the webhook that it is in ----

async function control(method, path, body) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`/mock/${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) {
    const answer = await response.json().catch(() => ({})); // it may not be JSON
    throw new Error(answer.error ?? `The server answered ${response.status}.`);
  }
}

// Lines for a POSIX shell, with a placeholder for a token that the user chose.
function exportLines() {
  const app = state.apps[0] ?? { account_id: "", app_id: "" };
  const settings = {
    CLOUDFLARE_BASE_URL: location.origin + state.base_path,
    CLOUDFLARE_API_TOKEN: state.default_token ?? "<the token given with --token>",
    CLOUDFLARE_ACCOUNT_ID: app.account_id,
    REALTIMEKIT_APP_ID: app.app_id,
  };
  const line = ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`;
  return Object.entries(settings).map(line).join("");
}

const RESET_QUESTION = "Restore the initial state? This resets webhooks, faults and behavior to the start "
  + "of the server, and clears requests and deliveries.";

const actions = {
  async copy(source) {
    const copying = navigator.clipboard.writeText(exportLines());
    const refused = () => "The browser does not allow copying";
    setText(source, await copying.then(() => "Copied", refused));
  },
  sample: ({ elements }, { id }) =>
    control("POST", "deliveries", { webhook_id: id, event: elements.event.value }),
  edit: (_, { id }) => editing.delete(id) || editing.add(id),
  toggle: (_, { id, enabled }) => control("PATCH", `webhooks/${id}`, { enabled: !enabled }),
  remove: (_, { id }) => control("DELETE", `webhooks/${id}`),
  async save(form, { id }) {
    const { name, url, events } = Object.fromEntries(new FormData(form));
    const names = events.split(",").map((event) => event.trim()).filter(Boolean);
    await control("PATCH", `webhooks/${id}`, { name, url, events: names });
    editing.delete(id);
  },
  fault({ elements }) {
    const [fault, times] = [elements.fault.value, elements.times.value];
    const method = elements.method.value || undefined;
    return control("POST", "faults", { fault, times, method, after_storing: elements.after.checked });
  },
  "clear-faults": () => control("DELETE", "faults"),
  "clear-requests": () => control("DELETE", "calls"),
  mode: (list) => control("PATCH", "quirks", { mode: list.value }),
  quirk: (input) => control("PATCH", "quirks", { [input.ariaLabel]: input.value }),
  reset: () => confirm(RESET_QUESTION) && control("POST", "reset", {}),
};

async function run(event) {
  const source = event.type === "click" ? event.target.closest("button") : event.target;
  const action = actions[source?.dataset.action];
  if (action === undefined || state === null || busy.has(source)) {
    return;
  }
  event.preventDefault();
  if (event.type === "change") {
    source.blur(); // so that it shows the state again
  }
  const id = source.closest("article")?.dataset.key;
  const webhook = state.apps.flatMap((app) => app.webhooks).find((webhook) => webhook.id === id);
  busy.add(source);
  const done = (async () => action(source, webhook))();
  const problem = await done.then(() => "", (error) => error.message);
  busy.delete(source);
  if (id === undefined) {
    const place = source.closest("section")?.querySelector(":scope > .error");
    setText(place ?? byId("fault-error"), problem);
  } else {
    problems.set(id, problem && source.dataset.action === "sample" ? `Not sent: ${problem}` : problem);
  }
  render();
}

for (const type of ["click", "submit", "change"]) {
  document.addEventListener(type, run);
}
byId("request-filter").addEventListener("input", () => state && render());

// The server sends the state when the page connects and after each change.
function connect() {
  const connection = byId("connection");
  const events = new EventSource("/mock/events");
  events.addEventListener("message", (event) => {
    state = JSON.parse(event.data);
    render();
    connection.className = "connection good";
    setText(connection, "Live");
  });
  events.addEventListener("error", () => {
    connection.className = "connection bad";
    setText(connection, "The server does not answer");
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(connect, 1000);
    }
  });
}

connect();
