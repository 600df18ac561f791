-- 비워진 Redis에 자리들을 기억에서 되살린다.
-- KEYS     resume:{match}:<player> hash, 자리마다 하나씩
-- ARGV     1 keep_ms, 이어서 자리마다 다섯: current, previous, previous_until_ms, epoch, expires_at_ms
-- 답       되살린 자리의 수
-- 불변조건 이미 있는 자리는 건드리지 않는다(그 사이 다시 나간 비밀이 이긴다).
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local restored = 0
for i = 1, #KEYS do
  local base = 2 + (i - 1) * 5
  if redis.call('EXISTS', KEYS[i]) == 0 then
    redis.call('HSET', KEYS[i], 'current', ARGV[base], 'epoch', ARGV[base + 3], 'expires_at_ms', ARGV[base + 4])
    if ARGV[base + 1] ~= '' then
      redis.call('HSET', KEYS[i], 'previous', ARGV[base + 1], 'previous_until_ms', ARGV[base + 2])
    end
    redis.call('PEXPIRE', KEYS[i], math.max(ARGV[base + 4] - now_ms, 0) + ARGV[1])
    restored = restored + 1
  end
end
return restored
