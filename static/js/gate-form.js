/* The weighing form: net on screen, difference in words and on a bar, faults at their fields, a small photo. */
const LONGEST_SIDE_PX = 1600;
const JPEG_QUALITY = 0.85;
const LONGEST_DATA_URL = 4 * 1024 * 1024; /* signs: three bytes of a picture make four of them */
const ALLOWED_SHARE = 30; /* per cent of the bar that the tolerance takes on each side of its middle */

/* "%(kg)s" in a sentence of the page becomes the value of that name. */
export function say(sentence, values) {
  return sentence.replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}

export function figure(kg) {
  return kg.toLocaleString("en-US");
}

/* Whole kilograms as people type them, full-width digits and commas too; null if it is no weight. */
function readKg(text) {
  const plain = text.normalize("NFKC").replace(/[,\s]/g, "");
  return /^\d{1,7}$/.test(plain) ? Number(plain) : null;
}

function chinaTime() {
  return new Date().toLocaleString("sv-SE", { timeZone: "Asia/Shanghai" }).slice(0, 16).replace(" ", "T");
}

export class TicketForm {
  constructor(form, words) {
    this.form = form;
    this.words = words;
    this.fields = form.elements;
    this.photo = Promise.resolve("");
    this.timeIsTyped = false;
    this.listen();
    this.show();
  }

  listen() {
    this.form.addEventListener("input", (event) => {
      if (event.target.name === "weighed_at") this.timeIsTyped = true;
      else if (event.target.name === "gross_kg" && !this.timeIsTyped) this.fields.weighed_at.value = chinaTime();
      this.clearFault(event.target.name);
      this.show();
    });
    this.form.addEventListener("keydown", (event) => this.stepOn(event));
    this.fields.photo.addEventListener("change", () => this.takePhoto(this.fields.photo.files[0]));
    this.form.querySelectorAll("[data-refuse]").forEach((link) =>
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.openRefusal(link.dataset.refuse);
      }),
    );
    this.openRefusal(this.refusalPanel?.dataset.open ?? "");
  }

  get refusalPanel() {
    return this.form.querySelector("[data-refusal]");
  }

  get dock() {
    return this.form.querySelector("[data-dock]");
  }

  kg(name) {
    const field = this.fields[name];
    return field ? readKg(field.value) : null;
  }

  get net() {
    const [gross, tare] = [this.kg("gross_kg"), this.kg("tare_kg")];
    return gross !== null && tare !== null && gross > tare ? gross - tare : null;
  }

  /* Enter goes to the next field: a load is taken by its button, never by a slip of the thumb. */
  stepOn(event) {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    const shown = [...this.form.querySelectorAll("input, button")].filter((field) => field.offsetParent);
    shown[shown.indexOf(event.target) + 1]?.focus();
  }

  /* Everything on the page that follows from the two weights. */
  show() {
    const net = this.net;
    const place = this.form.querySelector("[data-net]");
    place.textContent = net === null ? "—" : figure(net);
    place.classList.toggle("no-weight", net === null);
    this.form.querySelectorAll("[data-says]").forEach((button) => this.name(button, net));
    this.showDifference(net);
  }

  /* A button repeats the weight it stands for. */
  name(button, net) {
    const rejected = this.kg("rejected_kg");
    const isKnown = net !== null && (button.value !== "part" || (rejected !== null && rejected < net));
    const values = { kg: figure(net ?? 0), rejected: figure(rejected ?? 0), rest: figure((net ?? 0) - (rejected ?? 0)) };
    button.dataset.bare ??= button.textContent;
    button.textContent = isKnown ? say(button.dataset.says, values) : button.dataset.bare;
  }

  showDifference(net) {
    const place = this.form.querySelector("[data-difference]");
    if (!place) return;
    const sent = Number(place.dataset.sentKg);
    const allowed = Number(place.dataset.allowedKg);
    place.hidden = net === null;
    if (net === null) return;
    const difference = net - sent;
    const isWithin = Math.abs(difference) <= allowed;
    place.querySelector("[data-words]").textContent = this.differenceWords(difference, sent);
    place.querySelector("[data-within]").hidden = !isWithin;
    place.querySelector("[data-beyond]").hidden = isWithin || difference > 0;
    place.querySelector("[data-above]").hidden = isWithin || difference < 0;
    const share = 50 + (difference / Math.max(allowed, 1)) * ALLOWED_SHARE;
    place.querySelector("[data-mark]").setAttribute("x", `${Math.min(98, Math.max(2, share))}%`);
  }

  differenceWords(difference, sent) {
    if (difference === 0) return this.words.same;
    const percent = `${difference < 0 ? "−" : "+"}${((Math.abs(difference) / sent) * 100).toFixed(2)}%`;
    return say(difference < 0 ? this.words.less : this.words.more, { kg: figure(Math.abs(difference)), percent });
  }

  /* "part" or "reject" opens the questions of a refusal, "" closes them. */
  openRefusal(verdict) {
    const panel = this.refusalPanel;
    if (!panel) return;
    panel.hidden = !verdict;
    this.dock.hidden = Boolean(verdict);
    panel.querySelectorAll("[data-only]").forEach((part) => {
      part.hidden = part.dataset.only !== verdict;
    });
    if (verdict) (verdict === "part" ? this.fields.rejected_kg : panel.querySelector("[type=radio]")).focus();
  }

  takePhoto(file) {
    this.clearFault("photo");
    this.photo = (file ? shrunk(file) : Promise.resolve("")).then((picture) => this.fitting(picture));
    this.photo.then((picture) => this.showPhoto(picture));
  }

  /* A picture the server would not take is told at once, and not sent. */
  fitting(picture) {
    if (picture.length <= LONGEST_DATA_URL) return picture;
    this.setFault("photo", this.words.photo_large);
    return "";
  }

  showPhoto(picture) {
    const place = this.form.querySelector("[data-photo]");
    place.classList.toggle("has-photo", Boolean(picture));
    place.querySelector("img").hidden = !picture;
    if (picture) place.querySelector("img").src = picture;
  }

  /* What a clerk can put right at once, before the ticket is kept: {field: message}. */
  faults(verdict) {
    const { words } = this;
    const found = {};
    if (!this.fields.number.value.trim()) found.number = words.number_missing;
    if (this.kg("gross_kg") === null) found.gross_kg = words.weight_missing;
    if (this.kg("tare_kg") === null) found.tare_kg = words.weight_missing;
    if (!found.gross_kg && !found.tare_kg && this.net === null) found.gross_kg = words.gross_under_tare;
    const rejected = this.kg("rejected_kg");
    const isPart = rejected !== null && rejected > 0 && (this.net === null || rejected < this.net);
    if (verdict === "part" && !isPart) found.rejected_kg = words.rejected_wrong;
    const isReasoned = this.form.querySelector("[name=reject_reason]:checked");
    if ((verdict === "part" || verdict === "reject") && !isReasoned) found.reject_reason = words.reason_missing;
    return found;
  }

  async entry(submitter) {
    const sent = [...new FormData(this.form, submitter)];
    const { person, label } = this.form.dataset;
    const photo = await this.photo;
    return {
      key: this.fields.client_key.value,
      url: this.form.action,
      label: say(label, { kg: figure(this.net ?? 0) }),
      person: Number(person),
      fields: sent.filter(([name, value]) => name !== "csrf_token" && typeof value === "string"),
      photo,
      refusal: null,
    };
  }

  /* Put a kept ticket back into the fields, its key included: sent again it is the same ticket. */
  fill(entry) {
    for (const [name, value] of entry.fields) {
      const field = this.fields[name];
      if (field && name !== "verdict") field.value = value;
    }
    this.timeIsTyped = true;
    this.photo = Promise.resolve(entry.photo);
    this.showPhoto(entry.photo);
    this.openRefusal(refusedBy(entry));
    this.show();
  }

  showFaults({ message, fields }) {
    const general = this.form.querySelector("[data-fault]");
    general.textContent = message ?? "";
    general.hidden = !message;
    for (const [name, words] of Object.entries(fields ?? {})) this.setFault(name, words);
    (this.form.querySelector("[aria-invalid=true]") ?? general).focus();
  }

  setFault(name, words) {
    const note = this.form.querySelector(`[data-fault-of="${name}"]`);
    if (!note) return;
    note.querySelector("span").textContent = words;
    note.hidden = false;
    this.form.querySelectorAll(`[name="${name}"]`).forEach((field) => field.setAttribute("aria-invalid", "true"));
  }

  clearFault(name) {
    const note = this.form.querySelector(`[data-fault-of="${name}"]`);
    if (note) note.hidden = true;
    this.form.querySelectorAll(`[name="${name}"]`).forEach((field) => field.removeAttribute("aria-invalid"));
  }

  clearFaults() {
    this.form.querySelectorAll("[data-fault-of]").forEach((note) => this.clearFault(note.dataset.faultOf));
    this.form.querySelector("[data-fault]").hidden = true;
  }

  /* While a ticket is on its way or waits, nobody types another one over it. */
  lock(isLocked) {
    this.form.querySelector("fieldset").disabled = isLocked;
    this.form.querySelector("[data-kept]").hidden = !isLocked;
  }

  get isLocked() {
    return this.form.querySelector("fieldset").disabled;
  }
}

function refusedBy(entry) {
  const verdict = new Map(entry.fields).get("verdict");
  return verdict === "part" || verdict === "reject" ? verdict : "";
}

/* A data URL of the picture, small enough for a slow line; a file that is no picture goes as it is. */
async function shrunk(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL("image/jpeg", JPEG_QUALITY);
  } catch {
    return asDataUrl(file);
  }
}

function asDataUrl(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
