/** 두 언어의 글이 같은 열쇠와 같은 빈칸을 가지고, 화면이 쓰는 열쇠가 모두 있는가. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { it } from "node:test";

import { TEXTS } from "../../../platform/play/static/play/texts.js";

const PLAY = new URL("../../../platform/play/", import.meta.url);
const holes = (line) => [...line.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

it("두 언어는 같은 열쇠와 빈칸을 가진다", () => {
  assert.deepEqual(Object.keys(TEXTS.en).sort(), Object.keys(TEXTS.ko).sort());
  for (const key of Object.keys(TEXTS.ko)) assert.deepEqual(holes(TEXTS.en[key]), holes(TEXTS.ko[key]), key);
});

it("틀과 코드가 쓰는 열쇠는 모두 있다", () => {
  const template = readFileSync(new URL("templates/play/index.html", PLAY), "utf8");
  const code = readdirSync(new URL("static/play/", PLAY))
    .filter((name) => name.endsWith(".js") && name !== "texts.js")
    .map((name) => readFileSync(new URL(`static/play/${name}`, PLAY), "utf8"));
  const used = new Set([
    ...[...template.matchAll(/data-(?:text|label|placeholder)="([^"]+)"/g)].map((match) => match[1]),
    ...code.flatMap((text) => [...text.matchAll(/"((?:page|link|banner|notice|lobby|mode|board|queue|found|match|result)\.[a-z_]+)"/g)])
      .map((match) => match[1])
      // 사건의 이름도 같은 모양이다.
      .filter((key) => !/^(match\.(found|start|result|aborted)|queue\.(joined|lost))$/.test(key)),
  ]);
  assert.ok(used.size > 40);
  assert.deepEqual([...used].filter((key) => !(key in TEXTS.ko)), []);
});

it("틀에 적힌 처음 글은 한국어 글과 같다", () => {
  const template = readFileSync(new URL("templates/play/index.html", PLAY), "utf8");
  for (const [, key, written] of template.matchAll(/data-text="([^"]+)"[^>]*>([^<]+)</g)) {
    assert.equal(written, TEXTS.ko[key], key);
  }
});
