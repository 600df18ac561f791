/**
 * 하나뿐인 오류 형. 서버의 오류 나무(HTTP problem+json, WebSocket error)를 그대로 옮긴다.
 *
 * 화면의 문구는 여기 두지 않는다: `code`를 보고 쓰는 쪽이 고른다.
 */

/** 서버가 아니라 이 클라이언트가 붙이는 코드. */
export const LOCAL_CODES = Object.freeze({
  /** 기한 안에 답이 없었다. */
  DEADLINE: "DEADLINE_EXCEEDED",
  /** 소켓이 없거나 답을 기다리다 끊겼다. */
  DISCONNECTED: "DISCONNECTED",
  /** 서버의 말을 이 클라이언트가 모른다(판이 낡았다). */
  PROTOCOL: "PROTOCOL_MISMATCH",
});

/** 서버가 준, 또는 연결이 만든 오류. */
export class HanpanError extends Error {
  /**
   * @param {string} code 계약의 오류 코드 또는 LOCAL_CODES의 값
   * @param {string} message 사람이 읽는 한 문장
   * @param {{retryAfterMs?: number|null, traceId?: string|null, httpStatus?: number|null}} [detail]
   */
  constructor(code, message, { retryAfterMs = null, traceId = null, httpStatus = null } = {}) {
    super(message || code);
    this.name = "HanpanError";
    this.code = code;
    /** 다시 해 볼 때까지의 시간(밀리초). 모르면 null. */
    this.retryAfterMs = retryAfterMs;
    /** 서버 로그를 찾는 번호. 없으면 null. */
    this.traceId = traceId;
    this.httpStatus = httpStatus;
  }
}

/**
 * WebSocket의 `error` 메시지를 오류로 만든다.
 * @param {Record<string, any>} message
 * @returns {HanpanError}
 */
export function errorFromFrame(message) {
  return new HanpanError(message.code ?? "INTERNAL", message.message ?? "", {
    retryAfterMs: message.retry_after_ms ?? null,
    traceId: message.trace_id ?? null,
  });
}

/**
 * HTTP 오류 답을 오류로 만든다. 본문이 problem+json이 아니어도(LB의 503 같은) 코드를 고른다.
 * @param {Response} response
 * @returns {Promise<HanpanError>}
 */
export async function errorFromResponse(response) {
  const isProblem = (response.headers.get("content-type") ?? "").includes("json");
  const problem = isProblem ? await response.json() : {};
  const retryAfterS = Number(response.headers.get("retry-after"));
  return new HanpanError(
    problem.code ?? (response.status >= 500 ? "UNAVAILABLE" : "INTERNAL"),
    problem.detail ?? problem.title ?? `HTTP ${response.status}`,
    {
      retryAfterMs: retryAfterS > 0 ? retryAfterS * 1000 : null,
      traceId: problem.trace_id ?? null,
      httpStatus: response.status,
    },
  );
}
