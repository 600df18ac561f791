-- 제시된 비밀을 새 비밀로 바꾼다. 답을 잃은 클라이언트를 위해 직전 비밀도 잠깐 받는다.
-- KEYS[1]  resume:{match}:<player> hash {current, previous, previous_until_ms, epoch, expires_at_ms}
-- KEYS[2]  route:{match} hash {server_id, address}
-- ARGV     1 제시된 비밀의 sha256  2 새 비밀의 sha256  3 ttl_ms  4 grace_ms  5 keep_ms
-- 답       {'OK', epoch, server_id, address}(경로가 없으면 뒤의 둘은 빈 글), {'EXPIRED'}(알지만 지났다), {'UNKNOWN'}(모르거나 이미 쓰였다)
-- 불변조건 받아들일 때마다 epoch가 1 자라고, 살아 있는 비밀은 마지막에 내준 것과 유예 중인 직전 것뿐이다.
--          유예는 처음 바꾼 때부터이고 다시 온다고 늘지 않는다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local row = redis.call('HMGET', KEYS[1], 'current', 'previous', 'previous_until_ms', 'expires_at_ms')
local is_current = row[1] and row[1] ~= '' and row[1] == ARGV[1]
local is_previous = row[2] and row[2] == ARGV[1] and now_ms <= tonumber(row[3])
if not is_current and not is_previous then
  return { 'UNKNOWN' }
end
if now_ms > tonumber(row[4]) then
  return { 'EXPIRED' }
end

local epoch = redis.call('HINCRBY', KEYS[1], 'epoch', 1)
if is_current then
  redis.call('HSET', KEYS[1], 'previous', row[1], 'previous_until_ms', now_ms + ARGV[4])
end
redis.call('HSET', KEYS[1], 'current', ARGV[2], 'expires_at_ms', now_ms + ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3] + ARGV[5])
local route = redis.call('HMGET', KEYS[2], 'server_id', 'address')
return { 'OK', epoch, route[1] or '', route[2] or '' }
