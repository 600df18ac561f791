/* 한 시계: 서버가 UTC로 적은 시각을 모두 브라우저의 시간대로 바꾼다. UTC는 title에 남아 머물거나 초점을 주면 보인다.

운영 화면은 `<time>`으로 오고, 관리 화면의 글(`2026-01-02 15:04:05 UTC`)은 여기서 `<time>`으로 감싼다.
단추 하나로 모두 UTC로 볼 수 있고, 고른 것은 이 브라우저에 남는다. 모듈이 아니다: unfold의 머리에도 들어간다. */

(() => {
  const STORE = "ops.clock";
  const AGO_EVERY_MS = 10_000;
  const WRITTEN = /\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC/;
  const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
  const language = document.documentElement.lang || "en";
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  const relative = new Intl.RelativeTimeFormat(language, { style: "short" });
  const calendars = { UTC: calendar("UTC"), [own]: calendar(own) };
  let zone = kept();

  function calendar(timeZone) {
    return new Intl.DateTimeFormat("en-CA", {
      timeZone, year: "numeric", month: "2-digit", day: "2-digit",
      hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
    });
  }

  /** 저장소를 막은 브라우저에서는 기억하지 않을 뿐이다. */
  function kept() {
    try {
      return localStorage.getItem(STORE) === "UTC" ? "UTC" : own;
    } catch {
      return own;
    }
  }

  function keep() {
    try {
      localStorage.setItem(STORE, zone === "UTC" ? "UTC" : "own");
    } catch {
      return;
    }
  }

  function written(at, timeZone) {
    const part = Object.fromEntries(calendars[timeZone].formatToParts(at).map(({ type, value }) => [type, value]));
    return { date: `${part.year}-${part.month}-${part.day}`, time: `${part.hour}:${part.minute}:${part.second}` };
  }

  /** `Asia/Seoul (UTC+09:00)`. 그 시각의 것이라 서머 타임을 따른다. */
  function zoneName(timeZone, at = new Date()) {
    if (timeZone === "UTC") return "UTC";
    const parts = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" }).formatToParts(at);
    const offset = parts.find(({ type }) => type === "timeZoneName").value.replace("GMT", "UTC");
    return `${timeZone} (${offset})`;
  }

  function since(at) {
    const seconds = (at - Date.now()) / 1000;
    const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS.at(-1);
    return relative.format(Math.trunc(seconds / size), unit);
  }

  function show(element) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) return;
    const { date, time } = written(at, zone);
    const utc = written(at, "UTC");
    const shape = element.dataset.shape;
    const told = { clock: () => `${time}.${String(at.getUTCMilliseconds()).padStart(3, "0")}`, ago: () => since(at) };
    const text = told[shape]?.() ?? `${date} ${time}`;
    const here = `${date} ${time} ${zoneName(zone, at)}`;
    const title = zone === "UTC" ? here : `${here} · ${utc.date} ${utc.time} UTC`;
    if (element.textContent !== text) element.textContent = text;
    if (element.title !== title) element.title = title;
    // 링크와 단추 안의 것은 그것의 초점이 말한다.
    if (!element.closest("a, button, summary")) element.tabIndex = 0;
  }

  /** 관리 화면의 글자들에서 시각을 찾아 감싼다. */
  function wrap(root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (WRITTEN.test(node.data) && !node.parentElement.closest("time, script, style, textarea")) found.push(node);
    }
    for (const node of found) {
      const at = WRITTEN.exec(node.data);
      const moment = node.splitText(at.index);
      moment.splitText(at[0].length);
      const element = document.createElement("time");
      element.dateTime = at[0].replace(" UTC", "Z").replace(" ", "T");
      moment.replaceWith(element);
      element.append(moment);
    }
  }

  function refresh(root) {
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    wrap(root);
    if (root.matches("time[datetime]")) show(root);
    root.querySelectorAll("time[datetime]").forEach(show);
  }

  function showZone() {
    for (const place of document.querySelectorAll("[data-zone]")) place.textContent = zoneName(zone);
    for (const button of document.querySelectorAll("[data-zone-switch]")) {
      button.hidden = own === "UTC";
      button.textContent = zone === "UTC" ? button.dataset.textOwn : button.dataset.textUtc;
    }
  }

  function start() {
    refresh(document.body);
    showZone();
    document.addEventListener("click", (event) => {
      if (!event.target.closest?.("[data-zone-switch]")) return;
      zone = zone === "UTC" ? own : "UTC";
      keep();
      refresh(document.body);
      showZone();
    });
    new MutationObserver((changes) => {
      for (const change of changes) change.addedNodes.forEach(refresh);
    }).observe(document.body, { childList: true, subtree: true });
    setInterval(() => document.querySelectorAll('time[data-shape="ago"]').forEach(show), AGO_EVERY_MS);
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
