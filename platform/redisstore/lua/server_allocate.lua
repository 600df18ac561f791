-- 가장 한가한 서버를 고르고 그 자리를 임대한다. 같은 match_id에는 살아 있는 같은 임대를 준다.
-- KEYS[1]  {fleet}:servers        zset id -> 부하. 부하, 이름의 순서로 본다
-- KEYS[2]  {fleet}:draining       set
-- KEYS[3]  {fleet}:lease:<match>  string server_id 또는 confirmed:<server_id>
-- ARGV     1 match_id  2 lease_ms  3 not_after_ms (Redis의 시각으로 이 뒤에는 고르지 않는다. 0은 언제나)
--          4 서버 hash의 앞머리({fleet}:server:)  5.. 뺄 server_id
-- 답       {server_id, address} 또는 빈 목록(받을 서버가 없다, 또는 늦었다)   밀리초
-- 서버의 이름은 zset을 보아야 알 수 있어 hash 키를 여기서 짓는다. 태그가 같아 늘 같은 슬롯이다.
-- 불변조건 준비되지 않은, 드레인 중인, 하트비트가 끊긴, 가득 찬 서버에는 임대가 생기지 않고, 한 판의 임대는 하나다.
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)

local held = redis.call('GET', KEYS[3])
if held then
  local confirmed = string.match(held, '^confirmed:(.*)$')
  local address = redis.call('HGET', ARGV[4] .. (confirmed or held), 'address')
  if address then
    return { confirmed or held, address }
  elseif confirmed then
    return {} -- 그 서버가 판을 만들었을 수 있다. 다른 곳에 또 만들지 않는다.
  end
end
local not_after_ms = tonumber(ARGV[3])
if not_after_ms > 0 and now_ms > not_after_ms then
  return {}
end

local excluded = {}
for i = 5, #ARGV do
  excluded[ARGV[i]] = true
end
local ranked = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #ranked, 2 do
  local server_id, load = ranked[i], tonumber(ranked[i + 1])
  if not excluded[server_id] and redis.call('SISMEMBER', KEYS[2], server_id) == 0 then
    local server_key = ARGV[4] .. server_id
    local row = redis.call('HMGET', server_key, 'address', 'state', 'capacity')
    if row[1] and row[2] == 'ready' and load < tonumber(row[3]) then
      redis.call('SET', KEYS[3], server_id, 'PX', ARGV[2])
      redis.call('HSET', server_key, 'lease:' .. ARGV[1], now_ms + tonumber(ARGV[2]))
      redis.call('ZINCRBY', KEYS[1], 1, server_id)
      return { server_id, row[1] }
    end
  end
end
return {}
