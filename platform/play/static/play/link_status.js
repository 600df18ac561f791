/**
 * 연결이 살아 있는지 보인다: 위쪽의 점, 끊김 띠, 그리고 판의 시계가 믿을 만한지.
 *
 * 끊김은 셋이다: 브라우저가 말한 오프라인, 닫힌 소켓, 열려 있지만 판의 프레임이 멈춘 소켓.
 */

import { byId } from "./elements.js";
import { onLanguage, text } from "./language.js";
import { hideBanner, showAway, showBack } from "./notices.js";

/** 연결의 모습. */
export class LinkStatus {
  #client;
  #onLive;
  #onGivenUp;
  #isOffline = false;
  #isStalled = false;

  /**
   * @param {import("../hanpan/client.js").HanpanClient} client
   * @param {{onLive: (isLive: boolean) => void, onGivenUp: (error: any) => void}} handlers
   */
  constructor(client, { onLive, onGivenUp }) {
    this.#client = client;
    this.#onLive = onLive;
    this.#onGivenUp = onGivenUp;
    client.on("status", (detail) => this.#changed(detail));
    client.on("stalled", () => this.#flow(true));
    client.on("flowing", () => this.#flow(false));
    client.on("state", () => { if (byId("clock-box").dataset.live === "false") this.#draw(true); });
    for (const greeting of ["welcome", "resumed"]) {
      client.on(greeting, ({ gateway }) => { byId("link").title = gateway; });
    }
    byId("banner-retry").addEventListener("click", () => client.retryNow());
    addEventListener("offline", () => this.#network(true));
    addEventListener("online", () => this.#network(false));
    onLanguage(() => this.#drawText());
  }

  /** 브라우저가 망의 끊김과 돌아옴을 말했다. 소켓이 스스로 알 때까지 기다리지 않는다. */
  #network(isOffline) {
    this.#isOffline = isOffline;
    if (isOffline) this.#client.networkLost();
    else this.#client.retryNow();
    this.#draw(!isOffline && this.#client.status === "offline");
  }

  #changed({ status, error }) {
    this.#isStalled = false;
    if (status === "online") this.#isOffline = false;
    const isPlaying = Boolean(this.#client.match?.isLive && this.#client.match.world);
    // 판을 두는 중이면 붙은 것만으로는 모자라다: 프레임이 다시 와야 살아난 것이다.
    if (status === "online") this.#draw(!isPlaying);
    else if (status === "offline") this.#stopped(error);
    else this.#draw(false);
  }

  #stopped(error) {
    hideBanner();
    this.#drawText();
    if (error) this.#onGivenUp(error);
  }

  #flow(isStalled) {
    this.#isStalled = isStalled;
    this.#draw(!isStalled);
  }

  /** @param {boolean} isLive 지금 보이는 것이 서버의 지금인가 */
  #draw(isLive) {
    this.#onLive(isLive);
    this.#drawText();
    if (isLive) showBack();
    else if (this.#isOffline) showAway("banner.offline");
    else if (this.#client.status === "reconnecting") showAway("banner.reconnecting");
    else if (this.#isStalled) showAway("banner.stalled");
  }

  #drawText() {
    const status = this.#client.status === "online" && this.#isStalled ? "stalled" : this.#client.status;
    byId("link").dataset.status = status;
    byId("link-text").textContent = text(`link.${status}`);
  }
}
