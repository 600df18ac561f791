-- 대기표를 만든다. 같은 요청 키로 다시 부르면 처음의 답을 그대로 준다(그 사이 새 소켓이 이은 표는 남의 것이다).
-- KEYS[1]  {mm}:req:<player>:<key>  string "<ticket_id> <joined_ms>"
-- KEYS[2]  {mm}:player:<player>     string 가드
-- KEYS[3]  {mm}:ticket:<ticket>     hash
-- KEYS[4]  {mm}:queue:<mode>        zset ticket -> joined_ms
-- KEYS[5]  {mm}:gateway:<gateway>   string 임대. 방금 join을 보낸 gateway는 살아 있으므로 없으면 만든다
-- ARGV     1 ticket_id  2 player_id  3 name  4 mode  5 rating  6 gateway_id  7 conn_id  8 traceparent
--          9 keep_ms (대기표와 가드의 TTL)  10 reply_ttl_ms  11 lease_ms  12 봇이면 1
-- 답       {'JOINED', ticket_id, joined_ms, now_ms} 또는 {'HELD', 가드의 값}   밀리초, Redis의 시각
-- 불변조건 한 선수의 가드는 하나뿐이며, 가드가 있는 동안 새 대기표는 생기지 않는다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local stored = redis.call('GET', KEYS[1])
if stored then
  local ticket_id, joined_ms = string.match(stored, '^(%S+) (%d+)$')
  -- 저장된 표의 키는 답을 보아야 알 수 있어 여기서 짓는다. 태그가 같아 늘 같은 슬롯이다.
  local conn = redis.call('HGET', string.sub(KEYS[3], 1, -#ARGV[1] - 1) .. ticket_id, 'conn')
  if not conn or conn == ARGV[7] then
    return { 'JOINED', ticket_id, tonumber(joined_ms), now_ms }
  end
end
local held = redis.call('GET', KEYS[2])
if held then
  return { 'HELD', held }
end

redis.call('SET', KEYS[2], 'ticket:' .. ARGV[1], 'PX', ARGV[9])
redis.call('HSET', KEYS[3], 'player', ARGV[2], 'name', ARGV[3], 'mode', ARGV[4], 'rating', ARGV[5],
  'gateway', ARGV[6], 'conn', ARGV[7], 'trace', ARGV[8], 'bot', ARGV[12], 'joined', now_ms, 'state', 'queued')
redis.call('PEXPIRE', KEYS[3], ARGV[9])
redis.call('ZADD', KEYS[4], now_ms, ARGV[1])
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. now_ms, 'PX', ARGV[10])
redis.call('SET', KEYS[5], '1', 'PX', ARGV[11], 'NX')
return { 'JOINED', ARGV[1], now_ms, now_ms }
