/**
 * 한판 선수 클라이언트의 문. 쓰는 쪽은 이 파일만 들여온다.
 *
 * 빌드도 의존도 없다. 브라우저가 이 모듈을 그대로 읽는다.
 */

export { HanpanApi } from "./api.js";
export { HanpanClient } from "./client.js";
export { HanpanError } from "./errors.js";
export { InputPacer } from "./input_pacer.js";
export { Session } from "./session.js";
export { WorldView, decodeFrame } from "./state.js";
