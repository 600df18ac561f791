/* 마지막 몇 분의 숫자와 그 잔물결. 화면을 모르는 순수한 코드다. */

export const WINDOW_MS = 180_000;
const MIN_SPAN_MS = 30_000;

/** 이름마다의 점들 [시각, 값]. 값이 null이면 모르는 때이고 선이 끊긴다. */
export class History {
  constructor(points = {}) {
    this.points = points;
  }

  add(name, atMs, value) {
    const points = (this.points[name] ??= []);
    points.push([atMs, value]);
    while (points.length && points[0][0] < atMs - WINDOW_MS) points.shift();
  }

  of(name) {
    return this.points[name] ?? [];
  }

  dump() {
    return JSON.stringify(this.points);
  }

  /** 적어 둔 것을 되살린다. 읽을 수 없거나 오래된 것은 버린다. */
  static load(text, nowMs) {
    try {
      const kept = Object.entries(JSON.parse(text ?? "{}")).map(([name, points]) => [
        name, points.filter(([at]) => at > nowMs - WINDOW_MS && at <= nowMs),
      ]);
      return new History(Object.fromEntries(kept));
    } catch {
      return new History();
    }
  }
}

/** 점들을 가로 `width`, 세로 `height`의 선과 넓이로. 오른쪽 끝이 지금이고, 왼쪽 끝은 첫 점(30초보다 가깝지 않다)이다. */
export function sparkline(points, { nowMs, width, height, pad = 3 }) {
  const top = Math.max(1, ...points.map(([, value]) => value ?? 0));
  const spanMs = Math.max(MIN_SPAN_MS, nowMs - (points[0]?.[0] ?? nowMs));
  const x = (at) => round(width - ((nowMs - at) / spanMs) * width);
  const y = (value) => round(height - pad - (value / top) * (height - 2 * pad));
  const line = [];
  const area = [];
  for (const run of runs(points)) {
    const drawn = run.map(([at, value]) => `${x(at)},${y(value)}`);
    line.push(`M${drawn.join("L")}`);
    area.push(`M${x(run[0][0])},${height}L${drawn.join("L")}L${x(run.at(-1)[0])},${height}Z`);
  }
  return { line: line.join(""), area: area.join("") };
}

function runs(points) {
  const found = [[]];
  for (const point of points) {
    if (point[1] === null) found.push([]);
    else found.at(-1).push(point);
  }
  return found.filter((run) => run.length);
}

function round(number) {
  return Math.round(number * 10) / 10;
}
