-- 한 판의 표를 모두 잡거나 하나도 잡지 않는다. 같은 match_id로 다시 부르면 처음의 답을 준다.
-- KEYS[1]  {mm}:queue:<mode>     zset. 기다리는 표는 들어온 시각, 잡힌 표는 -잡힌 시각
-- KEYS[2]  {mm}:claim:<match>    hash {owner, mode, seed, claimed, state, tickets}. 이어서 표마다 둘씩:
-- KEYS[+1] {mm}:ticket:<ticket>  hash  KEYS[+2] {mm}:player:<player> 가드
-- ARGV[1]  이름 붙은 인자: match_id  owner (matchmaking의 이름)  mode  seed  guard_ttl_ms  claim_ttl_ms
--          ticket_ids (표의 목록. 이 순서가 판의 자리다)  conn_ids (표마다 부르는 쪽이 아는 주인)
-- 답       {'CLAIMED', claimed_ms} 또는 {'CONFLICT', {더는 줄에 없는 표}, {주인이 바뀐 표}}   밀리초, Redis의 시각
-- 불변조건 모든 표가 아직 줄에 있고 가드가 그 표일 때만 잡는다. 그래서 한 표는 많아야 한 판에 든다.
--          주인이 바뀐 표는 다시 읽힌 뒤에 잡힌다. 그래서 판의 통지는 언제나 지금의 주인에게 간다.
local arg = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local claimed = redis.call('HGET', KEYS[2], 'claimed')
if claimed then
  return { 'CLAIMED', tonumber(claimed) }
end
local gone, moved = {}, {}
for i, ticket_id in ipairs(arg.ticket_ids) do
  local base = 1 + 2 * i
  local row = redis.call('HMGET', KEYS[base], 'state', 'conn')
  local joined_ms = tonumber(redis.call('ZSCORE', KEYS[1], ticket_id) or -1)
  if joined_ms < 0
    or redis.call('GET', KEYS[base + 1]) ~= 'ticket:' .. ticket_id
    or row[1] ~= 'queued' then
    gone[#gone + 1] = ticket_id
  elseif row[2] ~= arg.conn_ids[i] then
    moved[#moved + 1] = ticket_id
  end
end
if #gone + #moved > 0 then
  return { 'CONFLICT', gone, moved }
end

redis.call('HSET', KEYS[2], 'owner', arg.owner, 'mode', arg.mode, 'seed', arg.seed, 'claimed', now_ms,
  'state', 'open', 'tickets', table.concat(arg.ticket_ids, ' '))
redis.call('PEXPIRE', KEYS[2], arg.claim_ttl_ms)
for i, ticket_id in ipairs(arg.ticket_ids) do
  local base = 1 + 2 * i
  redis.call('SET', KEYS[base + 1], 'match:' .. arg.match_id, 'PX', arg.guard_ttl_ms)
  redis.call('HSET', KEYS[base], 'state', 'claimed', 'match', arg.match_id)
  redis.call('ZADD', KEYS[1], -now_ms, ticket_id)
end
return { 'CLAIMED', now_ms }
