"use strict";

const language = navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in WORDS) ?? "nl";
const words = WORDS[language];
const element = (id) => document.getElementById(id);

// The token of the link that led here. It stays in this page: what is behind the # is never sent, and it goes out of the
// address at once, so that it is neither copied along nor kept in the history.
const link = new URLSearchParams(location.hash.slice(1));
history.replaceState(null, "", location.pathname);

// Lives as long as the page does, and is kept nowhere else.
let accessToken = null;

function say(text, isWrong = false) {
  const message = element("message");
  message.textContent = text;
  message.classList.toggle("wrong", isWrong);
  message.hidden = text === "";
}

function show(id) {
  for (const step of document.querySelectorAll("main > form, main > section")) {
    step.hidden = step.id !== id;
  }
  const step = element(id);
  const title = step.querySelector("h1");
  document.title = `${title.textContent} – Groeilijn`;
  // Whoever listens to the page hears where she is, and nobody is scrolled past what is to be read.
  title.tabIndex = -1;
  title.focus();
}

// What the API answers, or the words for why it refuses.
async function ask(method, path, body, refusals = {}) {
  const headers = {};
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
  }
  if (accessToken !== null) {
    headers.Authorization = `Bearer ${accessToken}`;
  }
  let reply;
  try {
    reply = await fetch(`/v1${path}`, { method, headers, body: JSON.stringify(body), cache: "no-store" });
  } catch {
    throw new Error(words.unreachable);
  }
  const text = await reply.text();
  const answer = text === "" ? null : JSON.parse(text);
  if (!reply.ok) {
    throw new Error(reason(reply, answer ?? {}, refusals));
  }
  return answer;
}

function reason(reply, problem, refusals) {
  if (reply.status === 429) {
    return words.wait.replace("{seconds}", reply.headers.get("Retry-After") ?? "60");
  }
  if (problem.code === "code-used") {
    return words.codeUsed;
  }
  if (String(problem.type).endsWith(":second-factor-required")) {
    return words.codeNeeded;
  }
  if (reply.status in refusals) {
    return refusals[reply.status];
  }
  const errors = (problem.errors ?? []).map((error) => words[error.code] ?? error.detail);
  return errors.length > 0 ? [...new Set(errors)].join(" ") : `${words.failed} ${problem.detail ?? ""}`;
}

// Does what a form is for; while that goes on it cannot be sent again.
function onSubmit(id, work) {
  element(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const buttons = form.querySelectorAll("button");
    const fields = Object.fromEntries(new FormData(form));
    buttons.forEach((button) => (button.disabled = true));
    say("");
    try {
      await work(fields, form);
    } catch (error) {
      say(error.message, true);
    } finally {
      buttons.forEach((button) => (button.disabled = false));
    }
  });
}

const code = (fields) => (fields.code?.trim() ? { code: fields.code.trim() } : {});

onSubmit("choose", async ({ password }, form) => {
  await ask("POST", "/invitations/_accept", { token: link.get("token"), password }, { 404: words.linkGone });
  form.reset();
  show("login");
  say(words.chosen);
});

onSubmit("join", async (fields, form) => {
  const body = { token: link.get("join"), password: fields.password, ...code(fields) };
  await ask("POST", "/invitations/_join", body, { 401: words.wrongPassword, 404: words.linkGone });
  form.reset();
  show("login");
  say(words.joined);
});

onSubmit("address", async () => {
  const { changed } = await ask("POST", "/email-addresses/_confirm", { token: link.get("address") }, { 404: words.linkGone });
  show("login");
  say(changed ? words.addressChanged : words.addressHalf);
});

onSubmit("login", async (fields, form) => {
  accessToken = null;
  const body = { email: fields.email.trim(), password: fields.password, ...code(fields) };
  const session = await ask("POST", "/sessions", body, { 401: words.wrong });
  accessToken = session.accessToken;
  form.reset();
  if (session.mustChangePassword) {
    show("forgot");
    say(words.mustChange);
  } else if (session.mustSetUpSecondFactor) {
    await beginSetup();
    say(words.mustSetUp);
  } else {
    await showAccount();
  }
});

onSubmit("forgot", async ({ email }, form) => {
  await ask("POST", "/password-resets", { email: email.trim() });
  form.reset();
  show("login");
  say(words.sent);
});

async function secondFactor() {
  return ask("GET", "/account/second-factor", undefined, { 401: words.ended });
}

async function showAccount() {
  const { state } = await secondFactor();
  element("standing").textContent = state === "active" ? words.withFactor : words.withoutFactor;
  show("account");
}

async function beginSetup() {
  const { state } = await secondFactor();
  element("setup-present").hidden = state !== "active";
  show("setup");
}

onSubmit("setup", async (fields, form) => {
  const body = { currentPassword: fields.password, ...code(fields) };
  const made = await ask("POST", "/account/second-factor", body, { 401: words.wrongPassword });
  form.reset();
  const image = document.importNode(new DOMParser().parseFromString(made.qrCode, "image/svg+xml").documentElement, true);
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", words.qr);
  element("qr").replaceChildren(image);
  element("secret").textContent = made.secret;
  element("recovery").replaceChildren(
    ...made.recoveryCodes.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
  );
  show("confirm");
});

onSubmit("confirm", async (fields, form) => {
  await ask("POST", "/account/second-factor/_confirm", code(fields), { 401: words.wrongPassword });
  form.reset();
  for (const id of ["qr", "secret", "recovery"]) {
    element(id).replaceChildren();
  }
  await showAccount();
  say(words.confirmed);
});

element("leave").addEventListener("click", async () => {
  // Whether or not the server heard it, this page forgets who was logged in.
  await ask("DELETE", "/sessions/current").catch(() => {});
  accessToken = null;
  show("login");
  say(words.loggedOut);
});

document.documentElement.lang = language;
for (const place of document.querySelectorAll("[data-say]")) {
  place.textContent = words[place.dataset.say];
}
for (const box of document.querySelectorAll("[data-shows]")) {
  box.addEventListener("change", () => {
    element(box.dataset.shows).type = box.checked ? "text" : "password";
  });
  box.form.addEventListener("reset", () => {
    element(box.dataset.shows).type = "password";
  });
}
for (const button of document.querySelectorAll("[data-goes]")) {
  button.addEventListener("click", async () => {
    say("");
    try {
      await (button.dataset.goes === "setup" ? beginSetup() : show(button.dataset.goes));
    } catch (error) {
      say(error.message, true);
    }
  });
}
// Another link in this same window changes no more than what is behind the #.
addEventListener("hashchange", () => location.reload());
show(link.has("token") ? "choose" : link.has("join") ? "join" : link.has("address") ? "address" : "login");
