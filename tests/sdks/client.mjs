// Cloudflare's TypeScript SDK: the life of a webhook against the mock API of the environment.
import assert from "node:assert/strict";
import Cloudflare from "cloudflare";

const account_id = process.env.CLOUDFLARE_ACCOUNT_ID;
const app = process.env.REALTIMEKIT_APP_ID;
const { webhooks } = new Cloudflare({
  apiToken: process.env.CLOUDFLARE_API_TOKEN,
  baseURL: process.env.CLOUDFLARE_BASE_URL,
  maxRetries: 0,
}).realtimeKit;
const of_app = { account_id, app_id: app };
const written = { account_id, name: "bell", url: "https://example.com/typescript", events: ["meeting.started"] };

const { data: created } = await webhooks.createWebhook(app, written);
assert.equal(created.url, written.url);
const { data: read } = await webhooks.getWebhookByID(created.id, of_app);
assert.equal(read.name, "bell");
const { data: listed } = await webhooks.getWebhooks(app, { account_id });
assert.ok(listed.some((webhook) => webhook.id === created.id));
const replacement = { ...written, ...of_app, name: "gong" };
assert.equal((await webhooks.replaceWebhook(created.id, replacement)).data.name, "gong");
const edited = await webhooks.editWebhook(created.id, { ...of_app, enabled: false });
assert.equal(edited.data.enabled, false);
await webhooks.deleteWebhook(created.id, of_app);
await assert.rejects(webhooks.getWebhookByID(created.id, of_app), Cloudflare.NotFoundError);
