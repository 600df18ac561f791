/* 줄: 2초마다 새로 보인다. */

import { keepFresh } from "./refresh.js";

keepFresh("queue", 2_000);
