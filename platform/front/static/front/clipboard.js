/** 글을 클립보드에 옮긴다(선수의 쪽과 운영의 쪽이 함께 쓴다). http로 연 쪽이나 허락이 없는 브라우저에서는 보이지 않는 칸을 골라 옮긴다. */

/**
 * @param {string} value
 * @param {HTMLElement} near 칸을 잠깐 둘 자리. 열린 창의 밖에 두면 고를 수 없다
 * @returns {Promise<boolean>} 옮겼는가
 */
export async function copyText(value, near) {
  if (globalThis.isSecureContext && navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(value);
      return true;
    } catch {
      // 허락하지 않았다. 아래의 길로 간다.
    }
  }
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = value;
  field.className = "visually-hidden";
  near.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  before?.focus();
  return done;
}
