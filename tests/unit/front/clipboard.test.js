/** 클립보드에 옮기기: 허락된 브라우저에서는 바로, 아니면 보이지 않는 칸을 골라서. */

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";

import { copyText } from "../../../platform/front/static/front/clipboard.js";

const GLOBALS = ["isSecureContext", "navigator", "document"];
const before = Object.fromEntries(GLOBALS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));

/** 브라우저의 대역. @param {{secure: boolean, write?: (text: string) => Promise<void>, copies?: boolean}} told */
function browser({ secure, write, copies = true }) {
  const did = [];
  const field = { value: "", className: "", select: () => did.push("select"), remove: () => did.push("remove") };
  const fakes = {
    isSecureContext: secure,
    navigator: write ? { clipboard: { writeText: write } } : {},
    document: {
      activeElement: { focus: () => did.push("focus") },
      createElement: () => field,
      execCommand: (name) => { did.push(`${name} ${field.value}`); return copies; },
    },
  };
  for (const name of GLOBALS) {
    Object.defineProperty(globalThis, name, { value: fakes[name], configurable: true, writable: true });
  }
  return { did, near: { append: () => did.push("append") } };
}

afterEach(() => {
  for (const name of GLOBALS) {
    if (before[name]) Object.defineProperty(globalThis, name, before[name]);
    else delete globalThis[name];
  }
});

const THROUGH_A_FIELD = ["append", "select", "copy 번호", "remove", "focus"];

describe("copyText", () => {
  it("허락된 브라우저에서는 칸을 만들지 않는다", async () => {
    const written = [];
    const { did, near } = browser({ secure: true, write: async (text) => { written.push(text); } });
    assert.equal(await copyText("번호", near), true);
    assert.deepEqual([written, did], [["번호"], []]);
  });

  it("허락하지 않으면 칸을 골라 옮기고, 있던 자리로 돌아간다", async () => {
    const { did, near } = browser({ secure: true, write: () => Promise.reject(new Error("거절")) });
    assert.equal(await copyText("번호", near), true);
    assert.deepEqual(did, THROUGH_A_FIELD);
  });

  it("http로 연 쪽에서는 클립보드를 부르지 않는다", async () => {
    const { did, near } = browser({ secure: false, write: () => assert.fail("불렀다") });
    assert.equal(await copyText("번호", near), true);
    assert.deepEqual(did, THROUGH_A_FIELD);
  });

  it("어느 길도 없으면 옮기지 못했다고 말하고 칸을 치운다", async () => {
    const { did, near } = browser({ secure: false, copies: false });
    assert.equal(await copyText("번호", near), false);
    assert.deepEqual(did, THROUGH_A_FIELD);
  });
});
