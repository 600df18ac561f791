-- 토큰 양동이에서 꺼낸다.
-- KEYS[1]  rl:<scope>:<subject>  hash {tokens, at_ms}
-- ARGV     1 rate_per_s (초당 차는 수, > 0)  2 burst (담을 수 있는 수)  3 cost (꺼낼 수. 0이면 보기만 한다)
-- 답       {allowed 0|1, retry_after_ms}  밀리초
-- 시각     Redis의 것(TIME)을 쓴다. 프로세스마다 다른 시계가 양동이를 흔들지 않는다.
-- 불변조건 0 <= tokens <= burst 이고, 어느 t초 동안에도 burst + rate_per_s * t 보다 많이 나가지 않는다.
local rate_per_s = tonumber(ARGV[1])
local burst = tonumber(ARGV[2])
local cost = tonumber(ARGV[3])
if not rate_per_s or not burst or not cost or rate_per_s <= 0 or burst < 1 or cost < 0 or cost > burst then
  return redis.error_reply('ERR token_bucket: bad arguments')
end

local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local saved = redis.call('HMGET', KEYS[1], 'tokens', 'at_ms')
local tokens = tonumber(saved[1]) or burst
local at_ms = tonumber(saved[2]) or now_ms
-- 시계가 뒤로 갔으면(장애 조치) 채우지도 빼지도 않는다.
tokens = math.min(burst, tokens + math.max(0, now_ms - at_ms) * rate_per_s / 1000)

local needed = math.max(1, cost)
if tokens < needed then
  return { 0, math.ceil((needed - tokens) * 1000 / rate_per_s) }
end
if cost > 0 then
  redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens - cost), 'at_ms', now_ms)
  -- 가득 찬 양동이는 없는 것과 같으므로, 다 찰 만큼 지나면 키가 스스로 사라진다.
  redis.call('PEXPIRE', KEYS[1], math.ceil(burst * 1000 / rate_per_s) + 1000)
end
return { 1, 0 }
