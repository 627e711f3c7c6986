/* Forms: the cursor goes to the first field with a fault; nobody leaves a changed form by accident.
   What was typed is kept by the server's answer (422 with the values); this script only guards the way out. */
(() => {
  const changed = new Set();

  function focusFirstFault(root) {
    root.querySelector('[aria-invalid="true"]')?.focus();
  }

  /* `data-guard` marks a form whose input is worth a question before leaving. */
  function guardedForm(event) {
    return event.target.closest?.("form[data-guard]");
  }

  document.addEventListener("input", (event) => {
    const form = guardedForm(event);
    if (form) changed.add(form);
  });

  document.addEventListener("submit", (event) => changed.delete(event.target));

  /* A form that came back with faults holds input that is saved nowhere. */
  function rememberFaulty(root) {
    root.querySelectorAll('form[data-guard]:has([aria-invalid="true"])').forEach((form) => changed.add(form));
  }

  /* `data-shown-for="field value …"`: asked only while one of these values is chosen; what is hidden is not sent. */
  function fit(part) {
    const [name, ...values] = part.dataset.shownFor.split(" ");
    const chosen = part.closest("form").querySelector(`[name="${name}"]:checked`)?.value;
    part.hidden = !values.includes(chosen) && !part.querySelector('[aria-invalid="true"]');
    part.querySelectorAll("select, input").forEach((control) => (control.disabled = part.hidden));
  }

  document.addEventListener("change", (event) => {
    event.target.form?.querySelectorAll("[data-shown-for]").forEach(fit);
  });

  function settle(root) {
    root.querySelectorAll("[data-shown-for]").forEach(fit);
    rememberFaulty(root);
    focusFirstFault(root);
  }

  window.addEventListener("beforeunload", (event) => {
    const waiting = [...changed].some((form) => form.isConnected);
    if (waiting) event.preventDefault();
  });

  document.addEventListener("htmx:afterSwap", (event) => settle(event.target));
  settle(document);
})();
