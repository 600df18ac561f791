-- 대기표를 만든다. 같은 요청 키로 다시 부르면 처음의 답을 그대로 준다(그 사이 새 소켓이 이은 표는 남의 것이다).
-- KEYS[1]  {mm}:req:<player>:<key>  string "<ticket_id> <joined_ms>"
-- KEYS[2]  {mm}:player:<player>     string 가드
-- KEYS[3]  {mm}:ticket:<ticket>     hash
-- KEYS[4]  {mm}:queue:<mode>        zset ticket -> joined_ms
-- KEYS[5]  {mm}:gateway:<gateway>   string 임대. 방금 join을 보낸 gateway는 살아 있으므로 없으면 만든다
-- ARGV[1]  이름 붙은 인자: ticket_id  player_id  name  mode  rating  gateway_id  conn_id  traceparent
--          keep_ms (대기표와 가드의 TTL)  reply_ttl_ms  lease_ms  bot (봇이면 1)
-- 답       {'JOINED', ticket_id, joined_ms, now_ms} 또는 {'HELD', 가드의 값}   밀리초, Redis의 시각
-- 불변조건 한 선수의 가드는 하나뿐이며, 가드가 있는 동안 새 대기표는 생기지 않는다.
local arg = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local stored = redis.call('GET', KEYS[1])
if stored then
  local ticket_id, joined_ms = string.match(stored, '^(%S+) (%d+)$')
  -- 저장된 표의 키는 답을 보아야 알 수 있어 여기서 짓는다. 태그가 같아 늘 같은 슬롯이다.
  local conn = redis.call('HGET', string.sub(KEYS[3], 1, -#arg.ticket_id - 1) .. ticket_id, 'conn')
  if not conn or conn == arg.conn_id then
    return { 'JOINED', ticket_id, tonumber(joined_ms), now_ms }
  end
end
local held = redis.call('GET', KEYS[2])
if held then
  return { 'HELD', held }
end

redis.call('SET', KEYS[2], 'ticket:' .. arg.ticket_id, 'PX', arg.keep_ms)
redis.call('HSET', KEYS[3], 'player', arg.player_id, 'name', arg.name, 'mode', arg.mode,
  'rating', arg.rating, 'gateway', arg.gateway_id, 'conn', arg.conn_id, 'trace', arg.traceparent,
  'bot', arg.bot, 'joined', now_ms, 'state', 'queued')
redis.call('PEXPIRE', KEYS[3], arg.keep_ms)
redis.call('ZADD', KEYS[4], now_ms, arg.ticket_id)
redis.call('SET', KEYS[1], arg.ticket_id .. ' ' .. now_ms, 'PX', arg.reply_ttl_ms)
redis.call('SET', KEYS[5], '1', 'PX', arg.lease_ms, 'NX')
return { 'JOINED', arg.ticket_id, now_ms, now_ms }
