/** 선수의 연결: 붙고, 끊기고, 다시 잇는 흐름을 서버 흉내로 따라간다. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";

import { HanpanClient } from "../src/client.js";
import { fakeSockets, until } from "./fake_socket.js";
import { PLAYER_RECORD, SCHEMA, frame } from "./frames.js";

const WELCOME = { t: "welcome", player_id: "p1", conn_id: "1", gateway: "gateway1" };
const FOUND = {
  t: "match.found", match_id: "m1", mode: "duel", session: "session1", resume_token: "rs1.first",
  tick_rate_hz: 20, players: [],
};
const START = { t: "match.start", match_id: "m1", tick: 0, schema: SCHEMA, entities: { 0: "p1" }, setup: {} };
const RESULT = { t: "match.result", match_id: "m1", status: "finalized", already_finalized: false, results: [] };

let client;
let sockets;
let heard;
let guests;
let answers;

const socket = () => sockets.at(-1);
const nextSocket = async (count) => {
  await until(() => sockets.length === count && socket().last, `${count}번째 소켓의 첫 프레임`);
  return socket();
};
const rested = (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs));
const count = (type) => heard.filter(([name]) => name === type).length;

beforeEach(async () => {
  const fake = fakeSockets();
  sockets = fake.sockets;
  heard = [];
  guests = 0;
  answers = new Map();
  client = new HanpanClient({
    baseUrl: "http://hanpan.test",
    WebSocketImpl: fake.FakeSocket,
    random: () => 0,
    fetchImpl: async (url) => {
      const known = answers.get(new URL(url).pathname);
      if (known) return new Response(JSON.stringify(known), { headers: { "content-type": "application/json" } });
      guests += 1;
      const body = { player_id: "p1", name: "하늘", access_token: `token${guests}`, expires_in_s: 60 };
      return new Response(JSON.stringify(body), { status: 201 });
    },
  });
  for (const type of ["status", "welcome", "resumed", "match.found", "match.start", "match.result",
    "match.aborted", "queue.joined", "queue.cancelled", "queue.lost", "stalled", "flowing", "error"]) {
    client.on(type, (detail) => heard.push([type, detail]));
  }
  await client.guest({ name: "하늘", deviceId: "d1" });
});

afterEach(() => client.disconnect());

async function goOnline() {
  const connected = client.connect();
  (await nextSocket(1)).reply(WELCOME);
  await connected;
}

async function startMatch() {
  await goOnline();
  socket().say(FOUND);
  socket().say(START);
  socket().state(frame({ kind: 1, count: 1, tick: 40, records: PLAYER_RECORD }));
}

describe("붙기", () => {
  it("hello로 나를 알리고 welcome에 붙는다", async () => {
    await goOnline();
    const hello = socket().sent[0];
    assert.deepEqual([hello.t, hello.token, socket().url], ["hello", "token1", "ws://hanpan.test/ws"]);
    assert.deepEqual(socket().protocols, ["hanpan.v1"]);
    assert.match(hello.trace, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    assert.equal(client.gateway, "gateway1");
  });

  it("답의 오류는 code와 trace를 가진 오류로 던져진다", async () => {
    await goOnline();
    const joining = client.joinQueue("duel");
    socket().reply({ t: "error", code: "UNAVAILABLE", message: "잠시", retry_after_ms: 700, trace_id: "abc" });
    await assert.rejects(joining, { code: "UNAVAILABLE", retryAfterMs: 700, traceId: "abc" });
  });

  it("토큰이 거절되면 다시 얻어 한 번 더 붙고, 또 거절되면 멈춘다", async () => {
    const connected = client.connect();
    (await nextSocket(1)).cut(4401);
    assert.equal((await nextSocket(2)).last.token, "token2");
    socket().reply({ t: "error", code: "UNAUTHENTICATED", message: "", trace_id: "t" });
    await assert.rejects(connected, { code: "UNAUTHENTICATED" });
    assert.deepEqual([sockets.length, client.status], [2, "offline"]);
  });

  it("빈 곳간에서 돌아오면 앞의 선수가 아니라 없음이다", async () => {
    assert.equal(client.player.playerId, "p1");
    assert.equal(await client.restore(), null);
  });

  it("놓으면 다시 붙지 않는다", async () => {
    await goOnline();
    await client.disconnect();
    assert.deepEqual([client.status, sockets.length], ["offline", 1]);
  });
});

describe("다시 잇기", () => {
  it("판에서 끊기면 마지막 틱과 토큰으로 resume한다", async () => {
    await startMatch();
    socket().cut(1006);
    const resume = (await nextSocket(2)).last;
    assert.deepEqual([resume.t, resume.resume_token, resume.last_tick, resume.token], ["resume", "rs1.first", 40, "token1"]);
    socket().reply({ t: "resumed", match_id: "m1", resume_token: "rs1.second", tick: 60, gateway: "gateway2" });
    await until(() => client.status === "online");
    assert.deepEqual([client.gateway, client.match.resumeToken], ["gateway2", "rs1.second"]);
  });

  it("4900의 bye에는 닫히기를 기다리지 않고 곧바로 옮긴다", async () => {
    await startMatch();
    socket().say({ t: "bye", code: "GOING_AWAY", reason: "드레인 중", reconnect: true });
    assert.equal((await nextSocket(2)).last.t, "resume");
    const { delayMs } = heard.find(([type, detail]) => type === "status" && detail.status === "reconnecting")[1];
    assert.equal(delayMs, 0);
  });

  it("resume이 거절되면 hello로 돌아가 판을 다시 받는다", async () => {
    await startMatch();
    socket().cut(1006);
    (await nextSocket(2)).reply({ t: "error", code: "RESUME_EXPIRED", message: "", trace_id: "t" });
    const hello = (await nextSocket(3)).last;
    assert.equal(hello.t, "hello");
    socket().reply(WELCOME);
    socket().say({ ...FOUND, resume_token: "rs1.fresh" });
    socket().say(START);
    await until(() => client.status === "online");
    assert.equal(client.match.resumeToken, "rs1.fresh");
    assert.deepEqual([count("match.found"), count("match.start")], [1, 1]);
  });

  it("Redis가 멈춰 resume을 미루면 토큰을 지닌 채 다시 해 본다", async () => {
    await startMatch();
    socket().cut(1006);
    (await nextSocket(2)).reply({ t: "error", code: "UNAVAILABLE", message: "", retry_after_ms: 5, trace_id: "t" });
    assert.deepEqual([(await nextSocket(3)).last.t, socket().last.resume_token], ["resume", "rs1.first"]);
  });

  it("4409에는 다시 붙지 않고 까닭을 알린다", async () => {
    await startMatch();
    socket().cut(4409);
    await until(() => client.status === "offline");
    assert.equal(heard.at(-1)[1].error.code, "SUPERSEDED");
    assert.equal(sockets.length, 1);
  });

  it("떠난 사이에 끝난 판의 결과는 resume의 답으로 한 번만 온다", async () => {
    await startMatch();
    socket().cut(1006);
    (await nextSocket(2)).reply(RESULT);
    await until(() => client.status === "online");
    socket().say(RESULT);
    assert.deepEqual([count("match.result"), client.match.isOver], [1, true]);
    socket().cut(1006);
    assert.equal((await nextSocket(3)).last.t, "hello");
  });

  it("판을 돌리던 서버가 사라지면 중단을 알리고 hello로 붙는다", async () => {
    await startMatch();
    socket().cut(1006);
    (await nextSocket(2)).reply({ t: "error", code: "SESSION_LOST", message: "", trace_id: "t" });
    assert.equal((await nextSocket(3)).last.t, "hello");
    const aborted = heard.find(([type]) => type === "match.aborted")[1];
    assert.deepEqual([aborted.match_id, aborted.code], ["m1", "SESSION_LOST"]);
  });

  it("다시 붙은 뒤 서버가 대기표를 이어 주면 줄에 다시 서지 않는다", async () => {
    await goOnline();
    const joining = client.joinQueue("arena");
    socket().reply({ t: "queue.joined", ticket_id: "t1", mode: "arena", expires_in_ms: 60000 });
    await joining;
    socket().cut(1006);
    (await nextSocket(2)).reply(WELCOME);
    socket().say({ t: "queue.joined", ticket_id: "t1", mode: "arena", expires_in_ms: 50000 });
    await rested(600);
    assert.equal(socket().last.t, "hello");
    assert.equal(count("queue.joined"), 2);
  });

  it("쪽을 떠나기 전의 줄은 이어 주지 않으면 스스로 다시 선다", async () => {
    client.recallQueue("arena");
    await goOnline();
    await until(() => socket().last.t === "queue.join");
    assert.equal(socket().last.mode, "arena");
  });

  it("망이 끊겼다고 알리면 닫히기를 기다리지 않고 끊긴 것으로 친다", async () => {
    await startMatch();
    client.networkLost();
    await until(() => client.status === "reconnecting");
    client.retryNow();
    assert.equal((await nextSocket(2)).last.t, "resume");
  });

  it("줄을 선 채 끊기면 다시 붙은 뒤 스스로 다시 선다", async () => {
    await goOnline();
    const joining = client.joinQueue("arena");
    socket().reply({ t: "queue.joined", ticket_id: "t1", mode: "arena", expires_in_ms: 60000 });
    await joining;
    socket().cut(1006);
    (await nextSocket(2)).reply(WELCOME);
    await until(() => socket().last.t === "queue.join");
    assert.equal(socket().last.mode, "arena");
    socket().reply({ t: "error", code: "ALREADY_QUEUED", message: "", trace_id: "t" });
    await until(() => socket().sent.filter(({ t }) => t === "queue.join").length === 2);
  });

  it("다른 소켓이 대기표를 거두면 묻지 않아도 알고, 다시 붙어도 서지 않는다", async () => {
    await goOnline();
    const joining = client.joinQueue("duel");
    socket().reply({ t: "queue.joined", ticket_id: "t1", mode: "duel", expires_in_ms: 60000 });
    await joining;
    socket().say({ t: "queue.cancelled", ticket_id: "t1" });
    await until(() => count("queue.cancelled") === 1);
    const again = client.joinQueue("duel");
    socket().reply({ t: "queue.joined", ticket_id: "t2", mode: "duel", expires_in_ms: 60000 });
    assert.equal((await again).ticket_id, "t2");
    socket().say({ t: "queue.cancelled", ticket_id: "t2" });
    socket().cut(1006);
    (await nextSocket(2)).reply(WELCOME);
    await rested(600);
    assert.equal(socket().last.t, "hello");
  });

  it("더 새로운 소켓이 이으면 bye를 듣고 다시 붙지 않는다", async () => {
    await goOnline();
    socket().say({ t: "bye", code: "SUPERSEDED", reason: "", reconnect: false });
    socket().cut(4409);
    await until(() => client.status === "offline");
    assert.equal(sockets.length, 1);
  });

  it("놓으면 기다리던 줄에서도 나온다", async () => {
    await goOnline();
    const joining = client.joinQueue("duel");
    socket().reply({ t: "queue.joined", ticket_id: "t1", mode: "duel", expires_in_ms: 60000 });
    await joining;
    await client.disconnect();
    assert.equal(socket().last.t, "queue.cancel");
  });

  it("답을 듣지 못한 줄에서도 나온다", async () => {
    await goOnline();
    const joining = client.joinQueue("duel");
    socket().reply({ t: "error", code: "UNAVAILABLE", message: "", trace_id: "t" });
    await assert.rejects(joining);
    await client.disconnect();
    assert.equal(socket().last.t, "queue.cancel");
  });

  for (const [why, frame] of [
    ["다른 소켓이 선 줄에서는", { t: "error", code: "ALREADY_QUEUED", message: "", trace_id: "t" }],
    ["판이 된 줄에서는", FOUND],
  ]) {
    it(`${why} 나오지 않는다`, async () => {
      await goOnline();
      const joining = client.joinQueue("duel").catch(() => {});
      if (frame === FOUND) {
        socket().reply({ t: "queue.joined", ticket_id: "t1", mode: "duel", expires_in_ms: 60000 });
        socket().say(FOUND);
      } else socket().reply(frame);
      await joining;
      await client.disconnect();
      assert.equal(socket().last.t, "queue.join");
    });
  }

  it("줄에서 나온 다음에는 다시 서지 않는다", async () => {
    await goOnline();
    const joining = client.joinQueue("duel");
    socket().reply({ t: "queue.joined", ticket_id: "t1", mode: "duel", expires_in_ms: 60000 });
    await joining;
    const leaving = client.cancelQueue();
    socket().reply({ t: "queue.cancelled", ticket_id: "t1" });
    await leaving;
    socket().cut(1006);
    (await nextSocket(2)).reply(WELCOME);
    await until(() => client.status === "online");
    assert.equal(socket().last.t, "hello");
  });

  it("닿지 않으면 상한까지 쉬며 계속 해 보고, 닿으면 붙는다", async () => {
    const connected = client.connect();
    for (const attempt of [1, 2, 3]) {
      await until(() => sockets.length === attempt);
      socket().cut(1006);
    }
    (await nextSocket(4)).reply(WELCOME);
    await connected;
    const attempts = heard.filter(([, { status }]) => status === "reconnecting").map(([, detail]) => detail.attempt);
    assert.deepEqual(attempts, [1, 2, 3]);
  });
});

describe("판", () => {
  it("입력의 seq는 서버가 아는 것에서 이어진다", async () => {
    await goOnline();
    socket().say(FOUND);
    socket().say(START);
    socket().state(frame({ kind: 1, count: 1, tick: 40, ack: 77, records: PLAYER_RECORD }));
    client.setInput({ dx: 1, dy: 0 });
    const { t, seq, dx, dy } = socket().last;
    assert.deepEqual({ t, seq, dx, dy }, { t: "input", seq: 78, dx: 1, dy: 0 });
  });

  it("다시 이으면 지금의 손 모양을 다시 보낸다", async () => {
    await startMatch();
    client.setInput({ dx: 0, dy: 1 });
    socket().cut(1006);
    (await nextSocket(2)).reply({ t: "resumed", match_id: "m1", resume_token: "rs1.b", tick: 60, gateway: "g" });
    await until(() => socket().last.t === "input");
    assert.equal(socket().last.dy, 1);
  });

  it("모르는 프레임이 오면 다시 붙지 않고 드러낸다", async () => {
    await startMatch();
    socket().state(new ArrayBuffer(3));
    await until(() => client.status === "offline");
    assert.equal(heard.at(-1)[1].error.code, "PROTOCOL_MISMATCH");
  });

  it("프레임이 멈추면 곧 알리고 소켓이 살아 있는지 물으며, 다시 오면 또 알린다", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    await startMatch();
    const stoppedAtMs = client.match.heardAtMs;
    const clock = t.mock.method(performance, "now", () => stoppedAtMs + 600);
    t.mock.timers.tick(250);
    assert.equal(count("stalled"), 0);
    clock.mock.mockImplementation(() => stoppedAtMs + 750);
    t.mock.timers.tick(250);
    assert.deepEqual([count("stalled"), socket().last.t], [1, "ping"]);
    socket().state(frame({ kind: 1, count: 1, tick: 60, records: PLAYER_RECORD }));
    t.mock.timers.tick(250);
    assert.deepEqual([count("stalled"), count("flowing")], [1, 1]);
  });

  it("첫 틱 앞의 조용함은 멈춤이 아니다", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    await goOnline();
    socket().say(FOUND);
    socket().say({ ...START, starts_in_ms: 1500 });
    const startsAtMs = client.match.startsAtMs;
    assert.ok(startsAtMs - performance.now() > 1000);
    t.mock.method(performance, "now", () => startsAtMs + 100);
    t.mock.timers.tick(250);
    assert.equal(count("stalled"), 0);
  });

  it("아무 말도 없는 소켓은 버리고 다시 붙는다", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
    await startMatch();
    t.mock.timers.tick(2000);
    assert.equal(socket().last.t, "ping");
    t.mock.timers.tick(3000);
    await until(() => client.status === "reconnecting");
  });

  it("떠나기 전에 앉았던 판은 끝났는지 묻고, gateway가 잊었으면 저장된 결과를 읽는다", async () => {
    client.recallMatch({ matchId: "m1", mode: "duel", players: [{ player_id: "p1", name: "하늘", rating: 1500 }] });
    answers.set("/api/v1/matches/m1", { status: "finalized", results: [{ player_id: "p1", place: 1, score: 3 }] });
    await goOnline();
    await until(() => socket().last.t === "finalize");
    socket().reply({ t: "error", code: "NOT_FOUND", message: "", trace_id: "t" });
    await until(() => count("match.result") === 1);
    assert.deepEqual([client.match.isOver, client.match.players[0].name], [true, "하늘"]);
  });

  it("판의 프레임이 끊기면 끝났는지 묻고 결과를 알린다", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    const started = performance.now();
    await startMatch();
    t.mock.method(performance, "now", () => started + 60_000);
    t.mock.timers.tick(1000);
    await until(() => socket().last.t === "finalize");
    socket().reply({ ...RESULT, already_finalized: true });
    assert.deepEqual([count("match.result"), client.match.isOver], [1, true]);
  });
});

describe("토큰", () => {
  const login = (number) => ({
    player_id: "p1", name: "하늘", access_token: `fresh${number}`, expires_in_s: 60,
    refresh_token: `r${number}`, refresh_expires_in_s: 600,
  });

  it("4401이면 로그인을 되풀이하지 않고 갱신해서 다시 붙는다", async () => {
    answers.set("/api/v1/auth/guest", login(1));
    answers.set("/api/v1/auth/refresh", login(2));
    await client.guest({ name: "하늘", deviceId: "d1" });
    await goOnline();
    answers.delete("/api/v1/auth/guest");
    const before = guests;
    socket().cut(4401);
    const again = await nextSocket(2);
    assert.deepEqual([again.last.t, again.last.token, guests], ["hello", "fresh2", before]);
    assert.equal(client.player.token, "fresh2");
  });

  it("나가면 놓고 아무도 아니게 된다", async () => {
    answers.set("/api/v1/auth/logout", { ended: 1 });
    await goOnline();
    await client.logout({ everywhere: true });
    assert.deepEqual([client.player, client.status], [null, "offline"]);
  });
});
