/* The gate page: a ticket is kept in the browser first and then sent, so that no dropped line loses it.
   Without this script, or without a place to keep it, the form goes to the server as any form does. */
import { Banner } from "./gate-banner.js";
import { TicketForm } from "./gate-form.js";
import { Queue } from "./gate-queue.js";
import { openStore } from "./gate-store.js";

const RETRY_MS = 15_000;
const root = document.querySelector("[data-gate]");
const words = JSON.parse(root.querySelector("script[type='application/json']").textContent);
const element = document.querySelector("form[data-ticket]");
const form = element ? new TicketForm(element, words) : null;
const opened = openStore().then((store) => (store ? new Queue(store, root.dataset.passUrl) : null));

element?.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(event.submitter);
});

async function submit(submitter) {
  const queue = await opened;
  if (!queue) return submitPlainly(submitter);
  form.clearFaults();
  const fields = form.faults(submitter?.value);
  if (Object.keys(fields).length) return form.showFaults({ message: "", fields });
  const entry = await form.entry(submitter);
  form.lock(true);
  try {
    await queue.keep(entry);
  } catch (error) {
    console.info("gate: the browser has no room left", error);
    form.lock(false);
    return submitPlainly(submitter);
  }
  await tryAll(queue);
}

/* `form.submit()` forgets the button that was pressed. */
function submitPlainly(submitter) {
  const verdict = Object.assign(document.createElement("input"), { type: "hidden" });
  verdict.name = submitter?.name ?? "verdict";
  verdict.value = submitter?.value ?? "accept";
  element.append(verdict);
  element.submit();
}

/* Send what waits and show what came of it. */
async function tryAll(queue) {
  const { why, taken } = await queue.flush();
  const key = element?.elements.client_key.value;
  if (taken.has(key)) return window.location.assign(taken.get(key));
  if (taken.size && !element) return window.location.reload();
  await showOwn(queue, key);
  await banner.show(why);
}

/* What has become of the ticket of this very form. A refusal is told once: then the clerk is correcting it. */
async function showOwn(queue, key) {
  const own = (await queue.all()).find((entry) => entry.key === key);
  if (!own || !form.isLocked) return;
  form.lock(!own.refusal);
  if (own.refusal) form.showFaults(own.refusal);
}

/* A page that is opened again shows the ticket that already waits for its truck. */
async function restore(queue) {
  const kept = (await queue.all()).find((entry) => element && entry.url === element.action);
  if (!kept) return;
  form.fill(kept);
  form.lock(true);
}

let banner;
opened.then(async (queue) => {
  if (!queue) return;
  const sendNow = () => tryAll(queue);
  banner = new Banner(root, words, queue, sendNow);
  await restore(queue);
  await sendNow();
  window.addEventListener("online", sendNow);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && sendNow());
  window.setInterval(async () => (await queue.waiting()).length && sendNow(), RETRY_MS);
  root.dataset.ready = "";
});
