-- 대기표를 거둔다. 이미 판에 잡힌 표라면 '더는 원하지 않음'만 적는다(판이 무산되면 되돌아가지 않는다).
-- KEYS[1]  {mm}:player:<player>  string 가드
-- KEYS[2]  {mm}:ticket:<ticket>  hash
-- KEYS[3]  {mm}:queue:<mode>     zset. mode는 그 표의 것이며 표가 사는 동안 바뀌지 않는다
-- ARGV     1 ticket_id  2 player_id  3 conn_id (빈 글이 아니면 이 소켓이 주인일 때만. 닫힌 소켓의 거두기가 그렇다)
-- 답       {'CANCELLED', 주인의 gateway, 주인의 conn} 또는 {'NOT_QUEUED'}
-- 불변조건 가드가 이 표일 때만 지운다. 거둔 표는 줄에도 가드에도 남지 않는다.
local row = redis.call('HMGET', KEYS[2], 'state', 'player', 'gateway', 'conn')
if ARGV[3] ~= '' and row[4] ~= ARGV[3] then
  return { 'NOT_QUEUED' }
end
if redis.call('GET', KEYS[1]) == 'ticket:' .. ARGV[1] then
  redis.call('DEL', KEYS[1], KEYS[2])
  redis.call('ZREM', KEYS[3], ARGV[1])
  return { 'CANCELLED', row[3] or '', row[4] or '0' }
end
if row[1] == 'claimed' and row[2] == ARGV[2] then
  redis.call('HSET', KEYS[2], 'wants', '0')
end
return { 'NOT_QUEUED' }
