/* 수에 맞는 꼴의 글. 쪽의 `data-<이름>-one`과 `data-<이름>-other`에서 고른다(한국어는 늘 other다). */

const rules = new Intl.PluralRules(document.documentElement.lang || "en");

/** @param {DOMStringMap} texts @param {string} name @param {number} count */
export function counted(texts, name, count) {
  const form = rules.select(count) === "one" ? "One" : "Other";
  return texts[name + form];
}
