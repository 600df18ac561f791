-- 한 판의 표를 모두 잡거나 하나도 잡지 않는다. 같은 match_id로 다시 부르면 처음의 답을 준다.
-- KEYS[1]  {mm}:queue:<mode>     zset. 기다리는 표는 들어온 시각, 잡힌 표는 -잡힌 시각
-- KEYS[2]  {mm}:claim:<match>    hash {owner, mode, seed, claimed, state, tickets}. 이어서 표마다 둘씩:
-- KEYS[+1] {mm}:ticket:<ticket>  hash  KEYS[+2] {mm}:player:<player> 가드
-- ARGV     1 match_id  2 owner (matchmaking의 이름)  3 mode  4 seed  5 guard_ttl_ms  6 claim_ttl_ms
--          7.. 표마다 둘: ticket_id, 부르는 쪽이 아는 주인의 conn_id. 이 순서가 판의 자리다
-- 답       {'CLAIMED', claimed_ms} 또는 {'CONFLICT', {더는 줄에 없는 표}, {주인이 바뀐 표}}   밀리초, Redis의 시각
-- 불변조건 모든 표가 아직 줄에 있고 가드가 그 표일 때만 잡는다. 그래서 한 표는 많아야 한 판에 든다.
--          주인이 바뀐 표는 다시 읽힌 뒤에 잡힌다. 그래서 판의 통지는 언제나 지금의 주인에게 간다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local claimed = redis.call('HGET', KEYS[2], 'claimed')
if claimed then
  return { 'CLAIMED', tonumber(claimed) }
end
local gone, moved, ticket_ids = {}, {}, {}
for i = 7, #ARGV, 2 do
  local base = 3 + (i - 7)
  ticket_ids[#ticket_ids + 1] = ARGV[i]
  local row = redis.call('HMGET', KEYS[base], 'state', 'conn')
  local joined_ms = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[i]) or -1)
  if joined_ms < 0
    or redis.call('GET', KEYS[base + 1]) ~= 'ticket:' .. ARGV[i]
    or row[1] ~= 'queued' then
    gone[#gone + 1] = ARGV[i]
  elseif row[2] ~= ARGV[i + 1] then
    moved[#moved + 1] = ARGV[i]
  end
end
if #gone + #moved > 0 then
  return { 'CONFLICT', gone, moved }
end

redis.call('HSET', KEYS[2], 'owner', ARGV[2], 'mode', ARGV[3], 'seed', ARGV[4], 'claimed', now_ms,
  'state', 'open', 'tickets', table.concat(ticket_ids, ' '))
redis.call('PEXPIRE', KEYS[2], ARGV[6])
for i = 7, #ARGV, 2 do
  local base = 3 + (i - 7)
  redis.call('SET', KEYS[base + 1], 'match:' .. ARGV[1], 'PX', ARGV[5])
  redis.call('HSET', KEYS[base], 'state', 'claimed', 'match', ARGV[1])
  redis.call('ZADD', KEYS[1], -now_ms, ARGV[i])
end
return { 'CLAIMED', now_ms }
