/** 토큰: 지나기 전에, 거절되었을 때, 여럿이 함께, 다른 탭과 나눠 쓸 때, 나갈 때. */

import assert from "node:assert/strict";
import { beforeEach, describe, it, mock } from "node:test";

import { HanpanError } from "../src/errors.js";
import { Session } from "../src/session.js";

const refused = () => new HanpanError("UNAUTHENTICATED", "틀렸습니다", { httpStatus: 401 });
const busy = () => new HanpanError("UNAVAILABLE", "잠시", { retryAfterMs: 9000, httpStatus: 503 });
const login = (number) => ({
  player_id: "p1", name: "하늘", access_token: `a${number}`, expires_in_s: 100,
  refresh_token: `r${number}`, refresh_expires_in_s: 1000,
});

let api;
let nowMs;
let box;
let store;

beforeEach(() => {
  nowMs = 1_000_000;
  box = null;
  store = { load: () => box, save: (saved) => { box = saved; }, clear: () => { box = null; } };
  api = {
    presented: [],
    failure: null,
    async refresh(token) {
      this.presented.push(token);
      await Promise.resolve();
      if (this.failure) throw this.failure;
      return login(this.presented.length + 1);
    },
    logout: mock.fn(async () => ({ ended: 1 })),
  };
});

const make = (options = {}) => new Session(api, { store, nowMs: () => nowMs, ...options });
const signedIn = () => {
  const session = make();
  session.accept(login(1));
  return session;
};

describe("갱신", () => {
  it("수명이 20 % 남으면 스스로 갱신한다", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const session = signedIn();
    context.mock.timers.tick(79_999);
    assert.deepEqual(api.presented, []);
    nowMs += 80_000;
    context.mock.timers.tick(1);
    await session.refresh();
    assert.deepEqual(api.presented, ["r1"]);
    assert.equal(session.current.token, "a2");
  });

  it("함께 청해도 서버에는 한 번 묻는다", async () => {
    const session = signedIn();
    const answers = await Promise.all([session.refresh(), session.refresh(), session.refresh()]);
    assert.deepEqual([answers, api.presented], [["renewed", "renewed", "renewed"], ["r1"]]);
    assert.equal(box.refreshToken, "r2");
  });

  it("거절되면 모두 버리고 다시 로그인하라고 한다", async () => {
    const session = signedIn();
    api.failure = refused();
    assert.equal(await session.refresh(), "impossible");
    assert.deepEqual([session.current, box], [null, null]);
  });

  it("서버가 아프면 토큰을 쥔 채 서버가 권한 만큼 쉬었다가 다시 한다", async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const errors = [];
    const session = make({ onError: (error) => errors.push(error.code) });
    session.accept(login(1));
    api.failure = busy();
    assert.equal(await session.refresh(), "later");
    assert.deepEqual([session.current.token, errors], ["a1", ["UNAVAILABLE"]]);
    api.failure = null;
    context.mock.timers.tick(8_999);
    assert.equal(api.presented.length, 1);
    context.mock.timers.tick(1);
    await session.refresh();
    assert.deepEqual([api.presented, session.current.token], [["r1", "r1"], "a3"]);
  });

  it("다른 탭이 먼저 갱신했으면 옛 토큰을 다시 내지 않고 그것을 쓴다", async () => {
    const [one, other] = [signedIn(), make()];
    await other.restore();
    nowMs += 90_000;
    assert.equal(await other.refresh(), "renewed");
    assert.equal(await one.refresh(), "renewed");
    assert.deepEqual([api.presented, one.current.token], [["r1"], "a2"]);
  });

  it("곳간에 다른 선수가 있으면 가져오지 않는다", async () => {
    const session = signedIn();
    box = { ...box, playerId: "p2", refreshToken: "other", expiresAtMs: nowMs + 9e6 };
    await session.refresh();
    assert.deepEqual(api.presented, ["r1"]);
  });

  it("갱신 토큰이 없는 옛 서버의 로그인은 갱신하지 않는다", async () => {
    const session = make();
    const { refresh_token: _, ...old } = login(1);
    session.accept(old);
    assert.equal(await session.refresh(), "impossible");
    assert.deepEqual(api.presented, []);
  });
});

describe("돌아오기", () => {
  it("곳간이 비었으면 아무도 아니다", async () => {
    assert.equal(await make().restore(), null);
  });

  it("아직 사는 토큰은 그대로 쓴다", async () => {
    signedIn();
    assert.equal((await make().restore()).token, "a1");
    assert.deepEqual(api.presented, []);
  });

  it("지난 토큰은 갱신해서 쓰고, 갱신도 안 되면 아무도 아니다", async () => {
    signedIn();
    nowMs += 200_000;
    assert.equal((await make().restore()).token, "a2");
    nowMs += 200_000;
    api.failure = refused();
    assert.equal(await make().restore(), null);
    assert.equal(box, null);
  });
});

describe("부름", () => {
  it("401이면 한 번 갱신해서 다시 부른다", async () => {
    const session = signedIn();
    const tokens = [];
    const answer = await session.authorized(async (token) => {
      tokens.push(token);
      if (token === "a1") throw refused();
      return "나";
    });
    assert.deepEqual([answer, tokens], ["나", ["a1", "a2"]]);
  });

  it("새 토큰도 거절되면 그만둔다", async () => {
    const session = signedIn();
    let calls = 0;
    await assert.rejects(session.authorized(async () => { calls += 1; throw refused(); }), { code: "UNAUTHENTICATED" });
    assert.equal(calls, 2);
  });

  it("다른 실패에는 갱신하지 않는다", async () => {
    await assert.rejects(signedIn().authorized(async () => { throw busy(); }), { code: "UNAVAILABLE" });
    assert.deepEqual(api.presented, []);
  });
});

describe("나가기", () => {
  it("서버에 알리고 쥔 것과 남긴 것을 버린다", async () => {
    const session = signedIn();
    await session.logout({ everywhere: true });
    assert.deepEqual(api.logout.mock.calls[0].arguments, ["a1", { everywhere: true }]);
    assert.deepEqual([session.current, box], [null, null]);
  });

  it("토큰이 이미 죽었어도 나간 것이다", async () => {
    const session = signedIn();
    api.logout = async () => { throw refused(); };
    api.failure = refused();
    await session.logout();
    assert.equal(session.current, null);
  });

  it("서버에 닿지 않으면 던지고 토큰을 쥐고 있다", async () => {
    const session = signedIn();
    api.logout = async () => { throw busy(); };
    await assert.rejects(session.logout(), { code: "UNAVAILABLE" });
    assert.equal(session.current.token, "a1");
  });
});
