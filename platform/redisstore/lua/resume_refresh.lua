-- 도는 판의 경로와, 소켓이 붙어 있는 자리의 기한을 늘린다.
-- KEYS[1]  route:{match}           hash. 이어서 자리마다 하나씩:
-- KEYS[+1] resume:{match}:<player> hash
-- ARGV     1 server_id  2 address  3 route_ttl_ms  4 ttl_ms  5 keep_ms  6.. 자리마다 '1'(붙어 있음) 또는 '0'
-- 답       자리마다 {current, previous, previous_until_ms, epoch, expires_at_ms}, 키가 없으면 빈 목록
-- 불변조건 없는 자리를 만들지 않고, 비밀과 epoch를 바꾸지 않는다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

redis.call('HSET', KEYS[1], 'server_id', ARGV[1], 'address', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local records = {}
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 0 then
    records[i - 1] = {}
  else
    if ARGV[4 + i] == '1' then
      redis.call('HSET', KEYS[i], 'expires_at_ms', now_ms + ARGV[4])
      redis.call('PEXPIRE', KEYS[i], ARGV[4] + ARGV[5])
    end
    local row = redis.call('HMGET', KEYS[i], 'current', 'previous', 'previous_until_ms', 'epoch', 'expires_at_ms')
    records[i - 1] = { row[1], row[2] or '', row[3] or '0', row[4], row[5] }
  end
end
return records
