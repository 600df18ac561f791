/** 두 언어의 글이 같은 열쇠와 같은 빈칸을 가지고, 화면이 쓰는 열쇠가 모두 있는가. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { it } from "node:test";

import { TEXTS, fill } from "../../../platform/play/static/play/texts.js";

const PLAY = new URL("../../../platform/play/", import.meta.url);
const forms = (entry) => (typeof entry === "string" ? [entry] : Object.values(entry));
const holes = (line) => [...line.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
const template = () => readFileSync(new URL("templates/play/index.html", PLAY), "utf8");
/** 사건의 이름도 글의 열쇠와 같은 모양이다. */
const EVENT = /^(match\.(found|start|result|aborted)|queue\.(joined|lost|cancelled|timeout))$/;

it("두 언어는 같은 열쇠와 빈칸을 가진다", () => {
  assert.deepEqual(Object.keys(TEXTS.en).sort(), Object.keys(TEXTS.ko).sort());
  for (const key of Object.keys(TEXTS.ko)) {
    for (const form of [...forms(TEXTS.en[key]), ...forms(TEXTS.ko[key])]) {
      assert.deepEqual(holes(form), holes(forms(TEXTS.ko[key])[0]), key);
    }
  }
});

it("나뉜 글은 그 언어의 복수형을 빠짐없이 가진다", () => {
  for (const [language, table] of Object.entries(TEXTS)) {
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const [key, entry] of Object.entries(table)) {
      if (typeof entry !== "string") assert.deepEqual(Object.keys(entry).sort(), [...pluralCategories].sort(), key);
    }
  }
});

it("수에 맞는 꼴을 고른다", () => {
  assert.equal(fill(TEXTS.en, "en", "queue.others", { count: 1 }), "1 other player is waiting too.");
  assert.equal(fill(TEXTS.en, "en", "queue.others", { count: 3 }), "3 other players are waiting too.");
  assert.equal(fill(TEXTS.ko, "ko", "queue.others", { count: 3 }), "나 말고도 3명이 기다리고 있습니다.");
});

it("영어의 글에는 한글이, 한국어의 글에는 영어 낱말이 섞이지 않는다", () => {
  const written = (table) => Object.entries(table).flatMap(([key, entry]) => forms(entry).map((form) => [key, form]));
  for (const [key, form] of written(TEXTS.en)) assert.doesNotMatch(form, /[가-힣]/, key);
  for (const [key, form] of written(TEXTS.ko)) {
    // 단위(ms)와 채울 칸은 낱말이 아니다.
    assert.doesNotMatch(form.replace(/\{\w+\}|\bms\b/g, ""), /[A-Za-z]/, key);
  }
});

it("틀과 코드가 쓰는 열쇠는 모두 있고, 쓰지 않는 글은 없다", () => {
  const code = readdirSync(new URL("static/play/", PLAY))
    .filter((name) => name.endsWith(".js") && name !== "texts.js")
    .map((name) => readFileSync(new URL(`static/play/${name}`, PLAY), "utf8"));
  const used = new Set([
    ...[...template().matchAll(/data-(?:text|label|placeholder)="([^"]+)"/g)].map((match) => match[1]),
    ...code.flatMap((text) => [...text.matchAll(/"((?:page|link|time|banner|notice|lobby|mode|board|queue|bot|found|match|result|abort|error)\.[a-z_]+)"/g)])
      .map((match) => match[1]),
  ]);
  assert.ok(used.size > 80);
  assert.deepEqual([...used].filter((key) => !(key in TEXTS.ko) && !EVENT.test(key)), []);
  // 열쇠를 지어 쓰는 갈래(`link.${status}` 따위)는 쓰이는지 글만 보고 알 수 없다.
  const built = code.flatMap((text) => [...text.matchAll(/`(\w+)\.\$\{/g)].map((match) => match[1]));
  assert.deepEqual(Object.keys(TEXTS.ko).filter((key) => !used.has(key) && !built.includes(key.split(".")[0])), []);
});

it("틀에는 어느 언어의 글도 없다(쪽의 이름만 서버가 읽는 이의 언어로 적는다)", () => {
  for (const [, key, written] of template().matchAll(/data-text="([^"]+)"[^>]*>([^<]+)</g)) {
    assert.match(written, /^\{% translate "[^"]+" %\}$/, key);
  }
  assert.doesNotMatch(template(), /data-(label|placeholder)="[^"]+"[^>]* (aria-label|placeholder)=/);
});
