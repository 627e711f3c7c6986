/* "1 ticket not sent": what waits in this browser, why, and what the person can do about it. */
import { say } from "./gate-form.js";

export class Banner {
  /* `root` is the status region; `queue` is where tickets wait; `sendNow` tries again. */
  constructor(root, words, queue, sendNow) {
    this.root = root;
    this.words = words;
    this.queue = queue;
    this.body = root.querySelector("[data-body]");
    root.querySelector("[data-send-now]").addEventListener("click", sendNow);
  }

  async show(why) {
    const entries = await this.queue.all();
    this.body.hidden = entries.length === 0;
    if (!entries.length) return;
    const isRefused = entries.every((entry) => entry.refusal);
    this.write("[data-count]", say(this.words.unsent, { count: entries.length }));
    this.write("[data-why]", isRefused ? this.words.refused : (this.words[why] ?? this.words.waiting));
    this.root.querySelector("[data-sign-in]").hidden = why !== "signed_out";
    this.root.querySelector("[data-send-now]").hidden = isRefused || why === "signed_out";
    this.root.querySelector("[data-list]").replaceChildren(...entries.map((entry) => this.line(entry)));
  }

  write(selector, text) {
    const place = this.root.querySelector(selector);
    if (place.textContent !== text) place.textContent = text;
  }

  line(entry) {
    const line = this.root.querySelector("template").content.cloneNode(true).firstElementChild;
    line.querySelector("[data-label]").textContent = entry.label;
    line.querySelector("[data-refusal-words]").textContent = entry.refusal ? whatWasSaid(entry.refusal) : "";
    line.querySelector("[data-open]").href = entry.url;
    const discard = line.querySelector("[data-discard]");
    discard.hidden = !entry.refusal;
    discard.addEventListener("click", () => this.discard(entry));
    return line;
  }

  async discard(entry) {
    if (!window.confirm(say(this.words.discard_sure, { label: entry.label }))) return;
    await this.queue.discard(entry.key);
    window.location.reload();
  }
}

function whatWasSaid({ message, fields }) {
  return [message, ...Object.values(fields ?? {})].filter(Boolean).join(" ");
}
