// The shop page. It knows its own server and nothing of tracing, but for the link it shows at the end.
"use strict";

const $ = (id) => document.getElementById(id);
const money = new Intl.NumberFormat(undefined, { style: "currency", currency: "EUR" });
const price = (cents) => money.format(cents / 100);
const seconds = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toPrecision(3)} s`);

/** One visitor a tab: the token of a made-up customer. */
const token = (() => {
  const known = sessionStorage.getItem("token");
  if (known) return known;
  const digits = String(Math.floor(Math.random() * 10000)).padStart(4, "0");
  sessionStorage.setItem("token", `demo-${digits}`);
  return `demo-${digits}`;
})();

let articles = new Map();
let cart = [];

/** Asks the shop's own server. Rejects with the server's sentence when it says no. */
async function ask(path, body) {
  const headers = { authorization: `Bearer ${token}` };
  const request = body === undefined
    ? { headers }
    : { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, request);
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return { answer, response };
  throw Object.assign(new Error(answer.error || `The shop answered ${response.status}.`), { response });
}

function showArticles(picks) {
  const cards = [...articles.values()].map((article) => {
    const card = $("article").content.cloneNode(true).firstElementChild;
    card.querySelector("use").setAttribute("href", `#i-${article.icon}`);
    card.querySelector("h3").textContent = article.name;
    card.querySelector(".about").textContent = article.about;
    card.querySelector(".price").textContent = price(article.price_cents);
    card.querySelector(".pick").hidden = !picks.includes(article.sku);
    const add = card.querySelector("button");
    add.setAttribute("aria-label", `Add ${article.name}`);
    add.addEventListener("click", () => change(article.sku, 1));
    return card;
  });
  $("articles").replaceChildren(...cards);
  $("articles").removeAttribute("aria-busy");
}

function showCart() {
  const lines = cart.map(({ sku, quantity }) => {
    const article = articles.get(sku);
    const line = $("line").content.cloneNode(true).firstElementChild;
    line.querySelector(".name").textContent = article?.name ?? sku;
    line.querySelector(".quantity").textContent = quantity;
    line.querySelector(".price").textContent = price((article?.price_cents ?? 0) * quantity);
    const [less, more] = line.querySelectorAll("button");
    less.setAttribute("aria-label", `One ${article?.name ?? sku} less`);
    more.setAttribute("aria-label", `One ${article?.name ?? sku} more`);
    less.addEventListener("click", () => change(sku, -1));
    more.addEventListener("click", () => change(sku, 1));
    return line;
  });
  if (lines.length === 0) {
    const empty = document.createElement("li");
    empty.className = "empty";
    empty.textContent = "Nothing yet. Add something you like.";
    lines.push(empty);
  }
  $("lines").replaceChildren(...lines);
  $("lines").removeAttribute("aria-busy");
  const total = cart.reduce((sum, { sku, quantity }) => sum + (articles.get(sku)?.price_cents ?? 0) * quantity, 0);
  $("total").textContent = price(total);
  $("checkout").disabled = cart.length === 0;
}

async function change(sku, quantity) {
  try {
    cart = (await ask("/api/cart/items", { sku, quantity })).answer;
    showCart();
  } catch (error) {
    showResult({ failed: true, title: "The cart could not be changed", text: error.message });
  }
}

function showResult({ failed = false, title, text, trace = null }) {
  $("result").hidden = false;
  $("result").classList.toggle("failed", failed);
  $("result-title").textContent = title;
  $("result-text").textContent = text;
  $("trace").hidden = $("trace-note").hidden = trace === null;
  if (trace !== null) offerTrace(trace);
  $("result").scrollIntoView({ block: "nearest" });
}

/** Links the trace at once, and says when all of its spans must have arrived. */
async function offerTrace(trace) {
  const { collector, viewer } = document.body.dataset;
  const source = encodeURIComponent(`${collector}/api/v3/traces/${trace}`);
  const link = $("trace");
  link.href = `${viewer}/#v=1&url=${source}&trace=${trace}&view=waterfall`;
  link.dataset.trace = trace;
  link.dataset.state = "arriving";
  $("trace-note").textContent = `Trace ${trace}: spans are arriving.`;
  // The page's own spans are flushed; the services export four times a second.
  await window.throughlineRum?.flush?.();
  await new Promise((done) => setTimeout(done, 700));
  if (link.dataset.trace !== trace) return;
  link.dataset.state = "ready";
  $("trace-note").textContent = `Trace ${trace}`;
}

/** The trace of the click: from the page's instrumentation, or else from the server's answer. */
function traceOf(response) {
  const timing = response?.headers.get("server-timing") ?? "";
  return window.throughlineRum?.traceId?.() ?? /traceparent;desc="00-([0-9a-f]{32})-/.exec(timing)?.[1] ?? null;
}

async function checkOut() {
  const button = $("checkout");
  button.disabled = true;
  $("result").hidden = true;
  $("progress").hidden = false;
  $("progress").textContent = "Checking out …";
  const begin = performance.now();
  try {
    const { answer, response } = await ask("/api/checkout", {});
    const again = answer.payment_attempts > 1 ? ` The payment needed ${answer.payment_attempts} attempts.` : "";
    showResult({
      title: `Order ${answer.order} is placed`,
      text: `${answer.items} articles, ${price(answer.total_cents)}, with you in ${answer.delivery_days} days. ` +
        `That took ${seconds(performance.now() - begin)}.${again}`,
      trace: traceOf(response),
    });
  } catch (error) {
    showResult({ failed: true, title: "The check-out failed", text: error.message, trace: traceOf(error.response) });
  } finally {
    $("progress").hidden = true;
    button.disabled = cart.length === 0;
  }
}

async function begin() {
  $("checkout").addEventListener("click", checkOut);
  try {
    const [catalog, basket, picks] = await Promise.all([
      ask("/api/catalog"),
      ask("/api/cart"),
      ask("/api/recommendations").catch(() => ({ answer: [] })),
    ]);
    articles = new Map(catalog.answer.map((article) => [article.sku, article]));
    cart = basket.answer;
    showArticles(picks.answer);
    showCart();
  } catch (error) {
    showResult({ failed: true, title: "The shop is closed", text: error.message });
  }
}

begin();
