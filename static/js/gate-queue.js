/* Sends the tickets that wait, each until the server has taken or refused it.
   A ticket leaves the store only when the server has it or the person throws it away. */
const TOKEN_PATIENCE_MS = 15_000;
const SEND_PATIENCE_MS = 60_000;
const JSON_PLEASE = { Accept: "application/json" };

/* Why tickets still wait. */
export const Why = { OFFLINE: "offline", BUSY: "busy", SIGNED_OUT: "signed_out", OTHER_PERSON: "other_person" };

export class Queue {
  /* `passUrl` answers {token, person}: a fresh form token, and who is signed in. */
  constructor(store, passUrl) {
    this.store = store;
    this.passUrl = passUrl;
  }

  all() {
    return this.store.all();
  }

  async waiting() {
    return (await this.all()).filter((entry) => !entry.refusal);
  }

  async keep(entry) {
    await this.store.put(entry);
    navigator.storage?.persist?.();
  }

  discard(key) {
    return this.store.remove(key);
  }

  /* Try every ticket that waits, in one tab at a time. Answers {why, taken: Map of key to the next page}. */
  flush() {
    const work = () => this.sendAll();
    return navigator.locks ? navigator.locks.request("gufei-gate", work) : work();
  }

  async sendAll() {
    const taken = new Map();
    const waiting = await this.waiting();
    if (!waiting.length) return { why: null, taken };
    const pass = await this.askPass();
    if (pass.why) return { why: pass.why, taken };
    let why = null;
    for (const entry of waiting) {
      const answer = entry.person === pass.person ? await send(entry, pass.token) : { why: Why.OTHER_PERSON };
      if (answer.next) taken.set(entry.key, answer.next);
      await this.note(entry, answer);
      why ??= answer.why ?? null;
    }
    return { why, taken };
  }

  async note(entry, answer) {
    if (answer.next) await this.store.remove(entry.key);
    if (answer.refusal) await this.store.put({ ...entry, refusal: answer.refusal });
  }

  async askPass() {
    const answer = await reach(this.passUrl, { headers: JSON_PLEASE }, TOKEN_PATIENCE_MS);
    if (answer === null) return { why: Why.OFFLINE };
    if (answer.type === "opaqueredirect" || answer.status === 401) return { why: Why.SIGNED_OUT };
    if (answer.status === 403) return { why: Why.OTHER_PERSON };
    return answer.ok ? answer.json() : { why: Why.BUSY };
  }
}

/* {next} when the server has the ticket, {refusal} when it says no, {why} when nobody knows yet. */
async function send(entry, token) {
  const body = new FormData();
  for (const [name, value] of entry.fields) body.append(name, value);
  body.set("csrf_token", token);
  if (entry.photo) body.set("photo", fileOf(entry.photo), "ticket.jpg");
  const answer = await reach(entry.url, { method: "POST", body, headers: JSON_PLEASE }, SEND_PATIENCE_MS);
  if (answer === null) return { why: Why.OFFLINE };
  if (answer.status === 401) return { why: Why.SIGNED_OUT };
  const said = await answer.json().catch(() => null);
  if (answer.ok && said) return said;
  const isDecided = answer.status > 401 && answer.status < 500 && said !== null;
  return isDecided ? { refusal: said } : { why: Why.BUSY };
}

/* The answer, or null if there was none. */
async function reach(url, options, patience) {
  const signal = AbortSignal.timeout(patience);
  try {
    return await fetch(url, { ...options, signal, cache: "no-store", redirect: "manual" });
  } catch {
    return null;
  }
}

function fileOf(dataUrl) {
  const [head, body] = dataUrl.split(",");
  const bytes = Uint8Array.from(atob(body), (sign) => sign.charCodeAt(0));
  return new Blob([bytes], { type: head.slice("data:".length, head.indexOf(";")) });
}
