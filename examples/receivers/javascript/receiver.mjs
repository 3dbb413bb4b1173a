// Receives what RealtimeKit delivers to a webhook: a Cloudflare Worker as it stands, and with
// server.mjs a server for Node.js 18 or newer. Needs no packages.

const KEY_URL = "https://api.realtime.cloudflare.com/.well-known/webhooks.json";
const KEY_LASTS = 60 * 60 * 1000;
const KEY_LASTS_AT_LEAST = 10 * 1000;
const LARGEST_BODY = 256 * 1024;
const REMEMBERED = 10_000;

/** What is done with an event. If it throws, RealtimeKit delivers the event again. */
async function handle(event) {
  console.log(`handled ${event.event}`); // store it, or put it into a queue
}

export default {
  async fetch(request, env = {}) {
    if (request.method !== "POST") return answer(405, "only POST is taken");
    const signature = request.headers.get("rtk-signature");
    if (!signature) return answer(401, "the signature is missing");
    const body = await read(request);
    if (!body) return answer(413, "the body is too large");
    try {
      const url =
        env.REALTIMEKIT_WEBHOOK_PUBLIC_KEY_URL || env.REALTIMEKIT_WEBHOOK_KEY_URL || KEY_URL;
      if (!(await isSigned(body, signature, url))) return answer(401, "the signature is wrong");
    } catch (error) {
      console.error(`the public key could not be fetched: ${error}`);
      return answer(503, "the public key could not be fetched"); // and it is delivered again
    }
    return accept(body, request.headers.get("rtk-uuid"));
  },
};

/** Handles a verified delivery, unless it was handled before. */
async function accept(body, id) {
  let event;
  try {
    event = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return answer(400, "the body is not JSON");
  }
  if (id && !claim(id)) return answer(200, "handled before");
  try {
    await handle(event);
  } catch (error) {
    seen.delete(id);
    console.error(`not handled: ${error}`);
    return answer(500, "not handled");
  }
  return answer(200, "handled");
}

// Lives as long as the process, or the Worker's isolate. Where several run, keep the ids in a
// database that all of them share.
const seen = new Set();

/** Whether the delivery is new, which from now on it is not. */
function claim(id) {
  if (seen.has(id)) return false;
  seen.add(id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
  return true;
}

/** The body as it was sent; null if it is too large. */
async function read(request) {
  if (Number(request.headers.get("content-length")) > LARGEST_BODY) return null;
  const chunks = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  return new Blob(chunks).arrayBuffer();
}

/** Whether RealtimeKit signed exactly these bytes. */
async function isSigned(body, signature, url) {
  let bytes;
  try {
    bytes = fromBase64(signature);
  } catch {
    return false;
  }
  const verify = (key) => crypto.subtle.verify("RSASSA-PKCS1-v1_5", key, bytes, body);
  const key = await publicKey(url, KEY_LASTS);
  if (await verify(key)) return true;
  // The key may be another by now. Anyone can send a wrong signature, so it is not asked for
  // each time.
  const newer = await publicKey(url, KEY_LASTS_AT_LEAST);
  return newer !== key && verify(newer);
}

let known = null;
let askedAt = 0;

/** The public key, which was asked for at most so many milliseconds ago. */
async function publicKey(url, age) {
  if (known && Date.now() - askedAt <= age) return known;
  askedAt = Date.now();
  try {
    known = await fetchKey(url);
  } catch (error) {
    if (!known) throw error;
    console.warn(`the public key could not be fetched again: ${error}`);
  }
  return known;
}

async function fetchKey(url) {
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { data } = await response.json();
  const base64 = data.publicKey.replace(/-----[A-Z ]+-----|\s/g, "");
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  return crypto.subtle.importKey("spki", fromBase64(base64), algorithm, false, ["verify"]);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function answer(status, text) {
  return new Response(`${text}\n`, { status });
}
