-- 새 판의 기록과 경로와 자리마다의 resume hash를 만든다. 셋이 함께 있거나 하나도 없다.
-- KEYS[1]  match:{match}           hash 판의 기록
-- KEYS[2]  route:{match}           hash. 이어서 자리마다 하나씩:
-- KEYS[+1] resume:{match}:<player> hash {current, epoch, expires_at_ms}
-- ARGV     1 server_id  2 address  3 route_ttl_ms  4 ttl_ms  5 keep_ms  6 record_ttl_ms
--          7.. 자리마다 비밀의 sha256. 이어서 기록의 칸과 값이 번갈아
-- 답       1
-- 불변조건 자리의 epoch는 1에서 시작하고, 키는 기한이 지난 뒤에도 keep_ms만큼 남는다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local seats = #KEYS - 2

redis.call('HSET', KEYS[1], unpack(ARGV, 7 + seats))
redis.call('PEXPIRE', KEYS[1], ARGV[6])
redis.call('HSET', KEYS[2], 'server_id', ARGV[1], 'address', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
for i = 1, seats do
  local seat = KEYS[2 + i]
  redis.call('DEL', seat)
  redis.call('HSET', seat, 'current', ARGV[6 + i], 'epoch', 1, 'expires_at_ms', now_ms + ARGV[4])
  redis.call('PEXPIRE', seat, ARGV[4] + ARGV[5])
end
return 1
