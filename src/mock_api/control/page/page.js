// Shows what the mock API holds and keeps it up to date. Text becomes text nodes, never markup.

const byId = (id) => document.getElementById(id);
let shownState = null;

// ---- Requests to the control endpoint ----

async function control(method, path, body) {
  const options = { method, cache: "no-store" };
  if (body !== undefined) {
    options.headers = { "content-type": "application/json" };
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/mock/${path}`, options);
  const answer = await response.json().catch(() => ({})); // an answer may have no body
  if (!response.ok) {
    throw new Error(answer.error ?? `The server answered ${response.status}.`);
  }
  return answer;
}

// ---- Elements ----

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) {
    node.textContent = text;
  }
}

// Creates, orders and removes the children of `parent` to match `items`. Existing children are
// kept, so that focus, open details and chosen options survive an update.
function sync(parent, items, keyOf, make, update) {
  const old = parent.known ?? new Map();
  parent.known = new Map();
  items.forEach((item, index) => {
    const key = keyOf(item);
    const child = old.get(key) ?? make(item);
    old.delete(key);
    parent.known.set(key, child);
    if (parent.children[index] !== child) {
      parent.insertBefore(child, parent.children[index] ?? null);
    }
    update(child, item);
  });
  for (const child of old.values()) {
    child.remove();
  }
}

// ---- Webhooks ----

function makeApp(app) {
  const title = app.name ?? "App without a name";
  return element(
    "section",
    { class: "app", "aria-label": `App ${title}` },
    element(
      "header",
      {},
      element("h3", {}, title),
      element("p", {}, element("code", {}, app.app_id)),
    ),
    element("div", { class: "cards" }),
    element("p", { class: "empty" }, "This app has no webhook."),
  );
}

function updateApp(section, app, deliveries) {
  const [, cards, empty] = section.children;
  empty.hidden = app.webhooks.length > 0;
  sync(cards, app.webhooks, (webhook) => webhook.id, makeWebhook, (card, webhook) =>
    updateWebhook(card, webhook, deliveries));
}

function makeWebhook(webhook) {
  const select = element("select", { id: `event-${webhook.id}` });
  const card = element("article", { class: "card", "data-webhook": webhook.id });
  card.parts = {
    name: element("h4"),
    badge: element("span", { class: "badge" }),
    url: element("code"),
    events: element("ul", { class: "chips", "aria-label": "Events" }),
    select,
    button: element("button", { type: "submit" }, "Send sample"),
    why: element("p", { class: "dim" }),
    result: element("div", { class: "result", role: "status" }),
    toggle: element("button", { type: "button", class: "quiet" }),
    edit: element("button", { type: "button", class: "quiet" }, "Edit"),
    remove: element("button", { type: "button", class: "quiet" }, "Delete"),
    editor: element("form", { class: "fields", hidden: "" }),
    problem: element("p", { class: "error", role: "alert" }),
  };
  const parts = card.parts;
  parts.form = element(
    "form",
    { class: "fields" },
    element("div", {}, element("label", { for: select.id }, "Event"), select),
    parts.button,
  );
  parts.form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendSample(card, webhook.id);
  });
  addEditor(card, webhook.id);
  card.append(
    element("div", { class: "card-head" }, parts.name, parts.badge),
    element("p", {}, parts.url),
    parts.events,
    parts.form,
    parts.why,
    parts.result,
    element("div", { class: "actions" }, parts.edit, parts.toggle, parts.remove),
    parts.editor,
    parts.problem,
  );
  return card;
}

// Edits a webhook outside of the API, which the next plan shows as drift.
function addEditor(card, id) {
  const { toggle, edit, remove, editor, problem } = card.parts;
  const field = (label, name) => {
    const input = element("input", { id: `${name}-${id}`, name });
    return [element("div", {}, element("label", { for: input.id }, label), input), input];
  };
  const [nameField, name] = field("Name", "name");
  const [urlField, url] = field("URL", "url");
  const [eventsField, events] = field("Events, separated by commas", "events");
  editor.append(nameField, urlField, eventsField, element("button", { type: "submit" }, "Save"));
  edit.addEventListener("click", () => {
    const { webhook } = card;
    [name.value, url.value, events.value] = [webhook.name, webhook.url, webhook.events.join(", ")];
    editor.hidden = !editor.hidden;
  });
  editor.addEventListener("submit", async (event) => {
    event.preventDefault();
    const names = events.value.split(",").map((text) => text.trim()).filter(Boolean);
    const change = { name: name.value, url: url.value, events: names };
    editor.hidden = await act(problem, () => control("PATCH", `webhooks/${id}`, change));
  });
  toggle.addEventListener("click", () =>
    act(problem, () => control("PATCH", `webhooks/${id}`, { enabled: !card.webhook.enabled })));
  remove.addEventListener("click", () => act(problem, () => control("DELETE", `webhooks/${id}`)));
}

function updateWebhook(card, webhook, deliveries) {
  const parts = card.parts;
  card.webhook = webhook;
  setText(parts.toggle, webhook.enabled ? "Disable" : "Enable");
  setText(parts.name, webhook.name || "(no name)");
  setText(parts.badge, webhook.enabled ? "enabled" : "disabled");
  parts.badge.classList.toggle("good", webhook.enabled);
  setText(parts.url, webhook.url);
  const same = (event) => event;
  const chip = (event) => element("li", {}, event);
  const option = (event) => element("option", { value: event }, event);
  const events = [...new Set(webhook.events)];
  sync(parts.events, events, same, chip, () => {});
  sync(parts.select, events, same, option, () => {});
  const why = reasonForNoSample(webhook);
  parts.form.hidden = why !== "";
  parts.why.hidden = why === "";
  setText(parts.why, why);
  const last = deliveries.findLast((delivery) => delivery.webhook_id === webhook.id);
  if (last !== undefined && card.shown !== last.id) {
    card.shown = last.id;
    showDelivery(parts.result, last);
  } else if (last === undefined && card.shown !== undefined) {
    card.shown = undefined;
    parts.result.replaceChildren();
  }
}

function reasonForNoSample(webhook) {
  if (!webhook.enabled) {
    return "Nothing is delivered while the webhook is disabled.";
  }
  return webhook.events.length === 0 ? "Nothing is delivered: the webhook has no events." : "";
}

async function sendSample(card, id) {
  const { button, select, result } = card.parts;
  button.disabled = true;
  try {
    const order = { webhook_id: id, event: select.value };
    const delivery = await control("POST", "deliveries", order);
    card.shown = delivery.id;
    showDelivery(result, delivery);
  } catch (error) {
    result.replaceChildren(element("p", { class: "error" }, `Not sent: ${error.message}`));
  } finally {
    button.disabled = false;
  }
}

function showDelivery(result, delivery) {
  const status = delivery.status === undefined ? "no answer" : String(delivery.status);
  const line = element(
    "p",
    { class: "line" },
    element("span", { class: `badge ${delivery.delivered ? "good" : "bad"}` }, status),
    element("span", {}, delivery.event),
    element("span", { class: "dim" }, `${delivery.milliseconds} ms, ${time(delivery.sent_at)}`),
  );
  const failed = delivery.error && element("p", { class: "error" }, delivery.error);
  const body = delivery.body && element("pre", { tabindex: "0", "aria-label": "Body of the answer" },
    delivery.body + (delivery.body_cut ? "…" : ""));
  result.replaceChildren(...[line, failed, body].filter(Boolean));
}

// ---- Requests ----

function makeRequest(call) {
  const details = element(
    "details",
    {},
    element("summary", {}, element("b", {}, call.method), ` ${shortPath(call)}`),
    element("p", {}, element("code", {}, call.path + (call.query ? `?${call.query}` : ""))),
    call.user_agent ? element("p", { class: "dim" }, call.user_agent) : null,
    call.body ? element("pre", { tabindex: "0", "aria-label": "Body of the request" }, call.body) : null,
  );
  const fault = call.fault ? element("p", { class: "fault" }, `Fault: ${call.fault}`) : null;
  return element(
    "tr",
    { "data-call": String(call.number) },
    element("td", {}, time(call.arrived_at)),
    element("td", {}, details, fault),
    element("td", {}, element("span", { class: "badge" })),
  );
}

function updateRequest(row, call) {
  const badge = row.lastElementChild.firstElementChild;
  const status = call.status;
  setText(badge, status === null ? "no answer" : String(status));
  badge.className = `badge ${status === null || status >= 500 ? "bad" : status >= 400 ? "note" : "good"}`;
}

// The path without account and app, which the details show.
function shortPath(call) {
  const match = /^\/client\/v4\/accounts\/[^/]+\/realtime\/kit\/(.+)$/.exec(call.path);
  if (match === null) {
    return call.path;
  }
  const rest = match[1].startsWith("apps") ? match[1] : match[1].split("/").slice(1).join("/");
  return `…/${rest}`;
}

function time(rfc3339) {
  return new Date(rfc3339).toLocaleTimeString([], { hourCycle: "h23" });
}

// ---- Faults and behavior ----

function showFaults(faults) {
  byId("no-faults").hidden = faults.length > 0;
  byId("clear-faults").hidden = faults.length === 0;
  const lines = faults.map((fault, index) => {
    const times = fault.times === "always" ? "every time" : `${fault.times} ×`;
    const requests = fault.requests === "any" ? "any request" : fault.requests;
    return { key: index, text: `${times} ${fault.about}, for ${requests}` };
  });
  sync(byId("faults"), lines, (line) => line.key, () => element("li"), (item, line) =>
    setText(item, line.text));
}

async function addFault(event) {
  event.preventDefault();
  const rule = { fault: byId("fault-kind").value, times: Number(byId("fault-times").value) };
  if (byId("fault-method").value !== "") {
    rule.method = byId("fault-method").value;
  }
  if (byId("fault-after").checked) {
    rule.after_storing = true;
  }
  await act(byId("fault-error"), () => control("POST", "faults", rule));
}

function showQuirks(quirks) {
  const changed = quirks.filter((quirk) => !quirk.documented).length;
  const summary = changed === 0 ? "As documented" : `${changed} of ${quirks.length} not as documented`;
  setText(byId("quirks-summary"), summary);
  const entries = quirks.map((quirk) => ({
    term: `${quirk.name}: ${quirk.value}`,
    about: quirk.about,
    key: quirk.name,
    changed: !quirk.documented,
    quirk,
  }));
  showList(byId("quirks"), entries);
}

function showEndpoints(endpoints) {
  showList(byId("endpoints"), endpoints.map(([term, about]) => ({ term, about, key: term })));
}

// Shows terms with their descriptions.
function showList(list, entries) {
  const parts = entries.flatMap((entry) => [
    { key: `${entry.key} term`, tag: "dt", text: entry.term, changed: entry.changed ?? false },
    { key: `${entry.key} about`, tag: "dd", text: entry.about, changed: false },
    ...(entry.quirk === undefined ? [] : [{ key: `${entry.key} value`, tag: "dd", quirk: entry.quirk }]),
  ]);
  sync(list, parts, (part) => part.key, makePart, (node, part) => {
    if (part.quirk !== undefined) {
      if (document.activeElement !== node.firstChild) {
        node.firstChild.value = part.quirk.value;
      }
      return;
    }
    setText(node, part.text);
    node.classList.toggle("changed", part.changed);
  });
}

function makePart(part) {
  const made = element(part.tag);
  if (part.quirk === undefined) {
    return made;
  }
  const { name, choices, takes } = part.quirk;
  const input = choices.length > 0
    ? element("select", {}, ...choices.map((choice) => element("option", {}, choice)))
    : element("input", { title: takes });
  input.setAttribute("aria-label", name);
  input.addEventListener("change", () => {
    input.blur();
    act(byId("quirk-error"), () => control("PATCH", "quirks", { [name]: input.value }));
  });
  made.append(input);
  return made;
}

// ---- Settings for clients ----

// Lines for a POSIX shell, with a placeholder for a token that the user chose.
function exportLines(state) {
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

async function copyExports() {
  const button = byId("copy-exports");
  try {
    await navigator.clipboard.writeText(exportLines(shownState));
    setText(button, "Copied");
  } catch {
    setText(button, "The browser does not allow copying");
  }
}

// ---- The whole page ----

function show(state) {
  setText(byId("base-url"), location.origin + state.base_path);
  setText(byId("version"), state.version);
  const webhooks = state.apps.reduce((sum, app) => sum + app.webhooks.length, 0);
  setText(byId("webhooks-count"), String(webhooks));
  byId("no-apps").hidden = state.apps.length > 0;
  sync(byId("apps"), state.apps, (app) => `${app.account_id}/${app.app_id}`, makeApp, (section, app) =>
    updateApp(section, app, state.deliveries));
  if (document.activeElement !== byId("mode")) {
    byId("mode").value = state.mode ?? "";
  }
  const words = byId("request-filter").value.toLowerCase();
  const calls = state.calls.toReversed().filter((call) =>
    `${call.method} ${call.path} ${call.status ?? "no answer"}`.toLowerCase().includes(words));
  setText(byId("requests-count"), calls.length === 0 ? "" : String(calls.length));
  byId("no-requests").hidden = calls.length > 0;
  byId("requests-table").hidden = calls.length === 0;
  sync(byId("requests"), calls, (call) => call.number, makeRequest, updateRequest);
  showFaults(state.faults);
  showQuirks(state.quirks);
  showEndpoints(state.endpoints);
}

// The server sends the state when the page connects and after each change.
function connect() {
  const connection = byId("connection");
  const events = new EventSource("/mock/events");
  events.addEventListener("message", (event) => {
    shownState = JSON.parse(event.data);
    show(shownState);
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

// Runs `what`, shows an error in `place`, and returns whether it succeeded.
async function act(place, what) {
  try {
    await what();
    setText(place, "");
    return true;
  } catch (error) {
    setText(place, error.message);
    return false;
  }
}

byId("fault-form").addEventListener("submit", addFault);
byId("clear-faults").addEventListener("click", () => act(byId("fault-error"), () => control("DELETE", "faults")));
byId("clear-requests").addEventListener("click", () => act(byId("fault-error"), () => control("DELETE", "calls")));
byId("reset").addEventListener("click", () => byId("reset-dialog").showModal());
byId("reset-cancel").addEventListener("click", () => byId("reset-dialog").close());
byId("reset-confirm").addEventListener("click", () => {
  byId("reset-dialog").close();
  act(byId("fault-error"), () => control("POST", "reset", {}));
});
byId("mode").addEventListener("change", () => {
  byId("mode").blur();
  act(byId("quirk-error"), () => control("PATCH", "quirks", { mode: byId("mode").value }));
});
byId("request-filter").addEventListener("input", () => shownState && show(shownState));
byId("copy-exports").addEventListener("click", copyExports);
connect();
