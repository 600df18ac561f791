-- 새 판의 경로와 자리마다의 resume hash를 만든다.
-- KEYS[1]  route:{match}           hash. 이어서 자리마다 하나씩:
-- KEYS[+1] resume:{match}:<player> hash {current, epoch, expires_at_ms}
-- ARGV     1 server_id  2 address  3 route_ttl_ms  4 ttl_ms  5 keep_ms  6.. 자리마다 비밀의 sha256
-- 답       1
-- 불변조건 자리의 epoch는 1에서 시작하고, 키는 기한이 지난 뒤에도 keep_ms만큼 남는다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('HSET', KEYS[1], 'server_id', ARGV[1], 'address', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
for i = 2, #KEYS do
  redis.call('DEL', KEYS[i])
  redis.call('HSET', KEYS[i], 'current', ARGV[4 + i], 'epoch', 1, 'expires_at_ms', now_ms + ARGV[4])
  redis.call('PEXPIRE', KEYS[i], ARGV[4] + ARGV[5])
end
return 1
