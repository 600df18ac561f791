-- 새 판의 기록과 경로와 자리마다의 resume hash를 만든다. 셋이 함께 있거나 하나도 없다.
-- KEYS[1]  match:{match}           hash 판의 기록
-- KEYS[2]  route:{match}           hash. 이어서 자리마다 하나씩:
-- KEYS[+1] resume:{match}:<player> hash {current, epoch, expires_at_ms}
-- ARGV[1]  이름 붙은 인자: server_id  address  route_ttl_ms  ttl_ms  keep_ms  record_ttl_ms
--          digests (자리마다 비밀의 sha256)  record (기록의 칸과 값이 번갈아)
-- 답       1
-- 불변조건 자리의 epoch는 1에서 시작하고, 키는 기한이 지난 뒤에도 keep_ms만큼 남는다.
local arg = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('HSET', KEYS[1], unpack(arg.record))
redis.call('PEXPIRE', KEYS[1], arg.record_ttl_ms)
redis.call('HSET', KEYS[2], 'server_id', arg.server_id, 'address', arg.address)
redis.call('PEXPIRE', KEYS[2], arg.route_ttl_ms)
for i, digest in ipairs(arg.digests) do
  local seat = KEYS[2 + i]
  redis.call('DEL', seat)
  redis.call('HSET', seat, 'current', digest, 'epoch', 1, 'expires_at_ms', now_ms + arg.ttl_ms)
  redis.call('PEXPIRE', seat, arg.ttl_ms + arg.keep_ms)
end
return 1
