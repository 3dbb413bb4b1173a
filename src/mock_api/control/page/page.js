// Shows what the mock API holds and keeps it up to date. Text becomes text nodes, never markup.

const byId = (id) => document.getElementById(id);
let state = null;
const editing = new Set(); // the IDs of webhooks that are edited
const problems = new Map(); // by the ID of a webhook, why its last action failed
const busy = new WeakSet(); // what has an action under way

// ---- Elements ----

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child != null));
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
    for (const { name } of [...node.attributes]) {
      if (name !== "open" && !next.hasAttribute(name)) {
        node.removeAttribute(name);
      }
    }
    for (const { name, value } of next.attributes) {
      node.setAttribute(name, value);
    }
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

const button = (action, text) =>
  element("button", { type: "button", class: "quiet", "data-action": action }, text);
const badge = (kind, text) => element("span", { class: `badge ${kind}` }, text);
const code = (text) => element("p", {}, element("code", {}, text));
const time = (rfc3339) => new Date(rfc3339).toLocaleTimeString([], { hourCycle: "h23" });

// ---- Webhooks ----

function viewApp(app) {
  const title = app.name ?? "App without a name";
  return element(
    "section",
    { class: "app", "aria-label": `App ${title}`, "data-key": `${app.account_id}/${app.app_id}` },
    element("header", {}, element("h3", {}, title), code(app.app_id)),
    element("div", { class: "cards" }, ...app.webhooks.map(viewWebhook)),
    app.webhooks.length > 0 ? null : element("p", { class: "empty" }, "This app has no webhook."),
  );
}

function viewWebhook(webhook) {
  const { id, enabled } = webhook;
  const events = [...new Set(webhook.events)];
  const delivery = state.deliveries.findLast((delivery) => delivery.webhook_id === id);
  return element(
    "article",
    { class: "card", "data-key": id },
    element(
      "div",
      { class: "card-head" },
      element("h4", {}, webhook.name || "(no name)"),
      badge(enabled ? "good" : "", enabled ? "enabled" : "disabled"),
    ),
    code(webhook.url),
    element("ul", { class: "chips", "aria-label": "Events" }, ...events.map((it) => element("li", {}, it))),
    viewSample(id, enabled, events),
    element("div", { class: "result", role: "status" }, ...(delivery ? viewDelivery(delivery) : [])),
    element(
      "div",
      { class: "actions" },
      button("edit", "Edit"),
      button("toggle", enabled ? "Disable" : "Enable"),
      button("remove", "Delete"),
    ),
    editing.has(id) ? viewEditor(webhook) : null,
    element("p", { class: "error", role: "alert" }, problems.get(id) ?? ""),
  );
}

function viewSample(id, enabled, events) {
  if (!enabled || events.length === 0) {
    const why = enabled ? ": the webhook has no events." : " while the webhook is disabled.";
    return element("p", { class: "dim" }, `Nothing is delivered${why}`);
  }
  const options = events.map((event) => element("option", { "data-key": event }, event));
  const select = element("select", { id: `event-${id}`, name: "event" }, ...options);
  return element(
    "form",
    { class: "fields", "data-action": "sample" },
    element("div", {}, element("label", { for: select.id }, "Event"), select),
    element("button", {}, "Send sample"),
  );
}

// Edits a webhook outside of the API, which the next plan shows as drift.
function viewEditor({ id, name, url, events }) {
  const field = (label, name, value) => {
    const input = element("input", { id: `${name}-${id}`, name, value });
    return element("div", {}, element("label", { for: input.id }, label), input);
  };
  return element(
    "form",
    { class: "fields", "data-action": "save" },
    field("Name", "name", name),
    field("URL", "url", url),
    field("Events, separated by commas", "events", events.join(", ")),
    element("button", {}, "Save"),
  );
}

function viewDelivery(delivery) {
  const { status, event, milliseconds, sent_at, error, body } = delivery;
  const label = { tabindex: "0", "aria-label": "Body of the answer" };
  return [
    element(
      "p",
      { class: "line" },
      badge(delivery.delivered ? "good" : "bad", String(status ?? "no answer")),
      element("span", {}, event),
      element("span", { class: "dim" }, `${milliseconds} ms, ${time(sent_at)}`),
    ),
    ...(error ? [element("p", { class: "error" }, error)] : []),
    ...(body ? [element("pre", label, body + (delivery.body_cut ? "…" : ""))] : []),
  ];
}

// ---- Requests, faults and behavior ----

function viewRequest({ number, method, path, query, user_agent, body, fault, status, arrived_at }) {
  // Without account and app, which the details show.
  const short = path.replace(/^\/client\/v4\/accounts\/[^/]+\/realtime\/kit\/(?:(apps$)|[^/]+\/)/, "…/$1");
  const kind = status === null || status >= 500 ? "bad" : status >= 400 ? "note" : "good";
  const details = element(
    "details",
    {},
    element("summary", {}, element("b", {}, method), ` ${short}`),
    code(path + (query ? `?${query}` : "")),
    user_agent ? element("p", { class: "dim" }, user_agent) : null,
    body ? element("pre", { tabindex: "0", "aria-label": "Body of the request" }, body) : null,
  );
  return element(
    "tr",
    { "data-key": number },
    element("td", {}, time(arrived_at)),
    element("td", {}, details, fault ? element("p", { class: "fault" }, `Fault: ${fault}`) : null),
    element("td", {}, badge(kind, String(status ?? "no answer"))),
  );
}

function viewFault({ times, about, requests }) {
  const often = times === "always" ? "every time" : `${times} ×`;
  return element("li", {}, `${often} ${about}, for ${requests === "any" ? "any request" : requests}`);
}

function viewQuirk({ name, value, about, takes, documented }) {
  const attributes = { "aria-label": name, "data-action": "quirk", "data-value": value };
  const options = takes.split("|").map((choice) => element("option", {}, choice));
  const input = options.length > 1
    ? element("select", attributes, ...options)
    : element("input", { ...attributes, title: takes });
  return [
    element("dt", documented ? {} : { class: "changed" }, `${name}: ${value}`),
    element("dd", {}, about),
    element("dd", {}, input),
  ];
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
    faults: state.faults.map(viewFault),
    quirks: state.quirks.flatMap(viewQuirk),
    endpoints: state.endpoints.flatMap(([path, about]) => [element("dt", {}, path), element("dd", {}, about)]),
  };
  Object.entries(lists).forEach(([id, made]) => update(byId(id), made));
  for (const node of document.querySelectorAll("[data-if]")) {
    node.hidden = lists[node.dataset.if].length === 0;
  }
  for (const node of document.querySelectorAll("[data-unless]")) {
    node.hidden = lists[node.dataset.unless].length > 0;
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
  "ask-reset": () => byId("reset-dialog").showModal(),
  "close-reset": () => byId("reset-dialog").close(),
  reset() {
    byId("reset-dialog").close();
    return control("POST", "reset", {});
  },
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
  const place = source.closest("section")?.querySelector(":scope > .error") ?? byId("fault-error");
  let problem = "";
  busy.add(source);
  try {
    await action(source, webhook);
  } catch (error) {
    problem = source.dataset.action === "sample" ? `Not sent: ${error.message}` : error.message;
  }
  busy.delete(source);
  if (id === undefined) {
    setText(place, problem);
  } else {
    problems.set(id, problem);
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
    connection.className = "connection live";
    setText(connection, "Live");
  });
  events.addEventListener("error", () => {
    connection.className = "connection lost";
    setText(connection, "The server does not answer");
    if (events.readyState === EventSource.CLOSED) {
      setTimeout(connect, 1000);
    }
  });
}

connect();
