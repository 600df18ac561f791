/* 도는 판의 목록: 2초마다 새로 보인다. */

import { keepFresh } from "./refresh.js";

keepFresh("list", 2_000);
