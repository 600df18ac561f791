-- 접근 토큰으로 돌아온 선수에게 새 비밀을 내준다. 옛 비밀은 모두 곧바로 죽는다.
-- KEYS[1]  resume:{match}:<player> hash
-- ARGV     1 새 비밀의 sha256  2 ttl_ms  3 keep_ms
-- 답       새 epoch, 자리가 없으면 0
-- 불변조건 epoch가 1 자란다. 기한이 지난 자리도 다시 연다(누구인지는 접근 토큰이 밝혔다).
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

if redis.call('EXISTS', KEYS[1]) == 0 then
  return 0
end
local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
redis.call('HDEL', KEYS[1], 'previous', 'previous_until_ms')
redis.call('HSET', KEYS[1], 'current', ARGV[1], 'expires_at_ms', now_ms + ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2] + ARGV[3])
return epoch
