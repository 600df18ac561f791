-- 기다리는 대기표의 주인(gateway와 소켓)을 같은 선수의 새 소켓으로 바꾼다. 같은 소켓이 다시 불러도 같다.
-- KEYS[1]  {mm}:player:<player>   string 가드
-- KEYS[2]  {mm}:ticket:<ticket>   hash
-- KEYS[3]  {mm}:gateway:<gateway> string 임대. 방금 hello를 전한 gateway는 살아 있으므로 없으면 만든다
-- ARGV     1 ticket_id  2 gateway_id  3 conn_id  4 lease_ms
-- 답       {'ADOPTED', mode, joined_ms, now_ms, 앞 주인의 gateway, 앞 주인의 conn} 또는 {'GONE'}
--          밀리초, Redis의 시각
-- 불변조건 가드가 이 표이고 줄에서 기다릴 때만 바꾼다. 바뀌는 것은 주인뿐이다(들어온 시각과 수명은 그대로다).
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

if redis.call('GET', KEYS[1]) ~= 'ticket:' .. ARGV[1] then
  return { 'GONE' }
end
local row = redis.call('HMGET', KEYS[2], 'state', 'mode', 'joined', 'gateway', 'conn')
if row[1] ~= 'queued' then -- hash가 먼저 지났다
  return { 'GONE' }
end
redis.call('HSET', KEYS[2], 'gateway', ARGV[2], 'conn', ARGV[3])
redis.call('SET', KEYS[3], '1', 'PX', ARGV[4], 'NX')
return { 'ADOPTED', row[2], tonumber(row[3]), now_ms, row[4], row[5] }
